import type { Counter } from '@sluice/core/ports/metrics'
import type { Labels, Row } from './readings.ts'

export class CounterSeries implements Counter {
  readonly labels: Labels
  value = 0
  #untold = true

  constructor(labels: Labels) {
    this.labels = labels
  }

  add(by: number): void {
    this.value += by
  }

  read(): Row {
    return [this.labels, this.value]
  }

  /** What `read` says, once; `undefined` where that is nothing new. */
  take(): Row | undefined {
    if (!this.#untold && this.value === 0) return undefined
    const row = this.read()
    this.#untold = false
    this.value = 0
    return row
  }

  fold([, by]: Row): void {
    this.value += by
  }
}
