/** What this environment counts, and the lines of its log that tell of it. */
import { EmfLines } from '@sluice/adapters/aws/emf-lines'
import { Meter } from '@sluice/adapters/metrics/meter'

export interface DoorMeter {
  readonly meter: Meter
  /** As what it wraps, and at its end, however it ends, a line where anything was counted: a frozen environment tells nobody. */
  readonly told: <A extends unknown[], R>(
    handler: (...args: A) => Promise<R>,
  ) => (...args: A) => Promise<R>
}

export function doorMeter(door: 'api' | 'fill' | 'sweep'): DoorMeter {
  const clock = { now: () => Date.now() }
  const meter = new Meter(clock)
  const lines = new EmfLines({
    meter,
    clock,
    namespace: process.env['SLUICE_METRICS_NAMESPACE'] || 'sluice',
    door,
    startsCold: true,
    write: (line) => void process.stdout.write(line),
  })
  return {
    meter,
    told:
      (handler) =>
      async (...args) => {
        try {
          return await handler(...args)
        } finally {
          lines.write()
        }
      },
  }
}
