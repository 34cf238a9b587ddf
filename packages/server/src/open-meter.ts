/** The meter of this process, with what it tells of the process itself. */
import { buildLabels } from '@sluice/adapters/metrics/build-labels'
import { Meter } from '@sluice/adapters/metrics/meter'
import { WholeMeter } from '@sluice/adapters/metrics/whole-meter'
import { buildInfo } from './build-info.ts'
import { coarseClock } from './coarse-clock.ts'

export function openMeter(): WholeMeter {
  const meter = new Meter(coarseClock())
  const { version, commit } = buildInfo()
  meter.gauge('imageregistry_build_info', buildLabels(version, commit)).set(1)
  meter.gauge('process_start_time_seconds', {}).set(Date.now() / 1000 - process.uptime())
  const cpu = meter.counter('process_cpu_seconds_total', {})
  const memory = meter.gauge('process_resident_memory_bytes', {})
  let counted = 0
  const whole = new WholeMeter(meter)
  whole.beforeExposing(() => {
    const { user, system } = process.cpuUsage()
    const seconds = (user + system) / 1e6
    cpu.add(seconds - counted)
    counted = seconds
    memory.set(process.memoryUsage.rss())
  })
  return whole
}
