/** What the sweeper removed, whether its runs went well, and what of its work is still due when one has gone to its end. */
import type { Metrics } from '../ports/metrics.ts'
import type { Sweeper, Swept } from '../services/sweeper.ts'
import { observedService } from './observed-service.ts'

const KINDS = ['links', 'blobs', 'objects', 'uploads'] as const

export function observedSweeper(sweeper: Sweeper, metrics: Metrics): Sweeper {
  const observed = observedService(sweeper, metrics, {})
  const sweep = observed.sweep.bind(observed)
  const ended = (result: 'finished' | 'stopped' | 'failed'): void =>
    metrics.counter('sluice_sweep_runs_total', { result }).add(1)
  observed.sweep = async (...[options]: Parameters<Sweeper['sweep']>) => {
    let stopped = false
    const stop = (): boolean => (stopped = options?.stop?.() ?? false)
    try {
      const swept = await sweep({ ...options, stop })
      tell(swept, metrics)
      if (!stopped) metrics.gauge('sluice_sweep_backlog', {}).set(swept.errors.length)
      ended(swept.errors.length > 0 ? 'failed' : stopped ? 'stopped' : 'finished')
      return swept
    } catch (error) {
      ended('failed')
      throw error
    }
  }
  return observed
}

function tell(swept: Swept, metrics: Metrics): void {
  for (const kind of KINDS) {
    metrics.counter('sluice_sweep_removed_total', { kind }).add(swept[kind])
  }
  metrics.counter('sluice_sweep_removed_bytes_total', {}).add(swept.bytes)
  metrics.counter('sluice_sweep_failures_total', {}).add(swept.errors.length)
}
