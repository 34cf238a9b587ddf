import type { Gauge } from '@sluice/core/ports/metrics'
import type { Labels, Row } from './readings.ts'

/** A gauge: `summed`, what all have together, or else what was said last. */
export class GaugeSeries implements Gauge {
  readonly labels: Labels
  readonly #summed: boolean
  readonly #now: () => number
  #value = 0
  #at = 0
  /** Of what is summed, what was taken away already: `set` still means the whole. */
  #taken = 0
  #untold = true

  constructor(labels: Labels, summed: boolean, now: () => number) {
    this.labels = labels
    this.#summed = summed
    this.#now = now
  }

  get value(): number {
    return this.#value
  }

  set(to: number): void {
    this.add(to - this.#taken - this.#value)
  }

  add(by: number): void {
    this.#value += by
    if (this.#summed) return
    this.#at = this.#now()
    this.#untold = true
  }

  read(): Row {
    return this.#summed ? [this.labels, this.#value] : [this.labels, this.#value, this.#at]
  }

  /** What `read` says, once; `undefined` where that is nothing new. */
  take(): Row | undefined {
    if (!this.#untold && !(this.#summed && this.#value !== 0)) return undefined
    const row = this.read()
    this.#untold = false
    if (!this.#summed) return row
    this.#taken += this.#value
    this.#value = 0
    return row
  }

  fold(row: Row): void {
    if (this.#summed) this.#value += row[1]
    else if (row.length === 3 && row[2] >= this.#at) {
      ;[, this.#value, this.#at] = row
      this.#untold = true
    }
  }
}
