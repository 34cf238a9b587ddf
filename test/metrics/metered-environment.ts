/** One environment of a function, as far as it counts: what it does goes into its meter, and from there into numbered lines. */
import { Meter } from '@sluice/adapters/metrics/meter'
import type { MeteredLine } from '@sluice/adapters/metrics/metered-line'
import type { Clock } from '@sluice/core/ports/clock'
import { randomBytes } from 'node:crypto'

export class MeteredEnvironment {
  readonly meter: Meter
  readonly id = randomBytes(16).toString('hex')
  readonly #clock: Clock
  #sequence = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.meter = new Meter(clock)
  }

  /** A request that took so many seconds. */
  serve(seconds: number, code = '200'): void {
    this.meter.counter('imageregistry_http_requests_total', { code, method: 'get' }).add(1)
    this.meter
      .summary('imageregistry_http_request_duration_seconds', { method: 'get' })
      .observe(seconds)
  }

  line(): MeteredLine {
    this.#sequence += 1
    return {
      environment: this.id,
      sequence: this.#sequence,
      at: this.#clock.now(),
      readings: this.meter.take(),
    }
  }
}
