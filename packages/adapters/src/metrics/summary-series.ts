import type { Summary } from '@sluice/core/ports/metrics'
import { QuantileSketch } from './quantile-sketch.ts'
import { SLOT_MS, SLOTS, type Labels, type Row } from './readings.ts'

/** So many values wait for their sketch: sorted together they cost a tenth of what each alone would. */
const MOST_WAITING = 512
const FIRST_WAITING = 16

/**
 * So many values of a slot are all looked at; of more than that one in eight, by chance, for all eight. Where so many come, the
 * rank that this may be off (0.0003 at 0.99, in one case of three) is less than a sketch's own; count and sum stay exact.
 */
const ALL_OF = 200_000
const ONE_IN = 8

/** What `read` writes of a mean that is no whole number: as many digits as any clock is good for. */
const DIGITS = 7

/** All slots before the newest, together: they seldom change, and a scraper comes often. */
interface Before {
  readonly newest: number
  readonly sketch: QuantileSketch
}

/** A sum and a count since the start, and what was seen in the last ten minutes, in slots of two. */
export class SummarySeries implements Summary {
  readonly labels: Labels
  count = 0
  sum = 0
  readonly #now: () => number
  readonly #slots = new Map<number, QuantileSketch>()
  #waiting = new Float64Array(FIRST_WAITING)
  #length = 0
  /** Of the values that wait. */
  #slot = 0
  /** Of the slot. */
  #looked = 0
  #random = 1
  #untold = true
  #before: Before | undefined

  constructor(labels: Labels, now: () => number) {
    this.labels = labels
    this.#now = now
  }

  observe(value: number): void {
    if (!Number.isFinite(value)) return
    const slot = Math.floor(this.#now() / SLOT_MS)
    this.count++
    this.sum += value
    if (slot !== this.#slot) this.#begin(slot)
    if (this.#looked >= ALL_OF && !this.#isChosen()) return
    if (this.#length === this.#waiting.length) this.#makeRoom()
    this.#waiting[this.#length++] = value
    if (++this.#looked === ALL_OF) this.#sketch()
  }

  /** Of all that was seen in the last ten minutes. */
  recent(): QuantileSketch {
    this.#settle()
    const newest = Math.max(...this.#slots.keys())
    if (this.#before?.newest !== newest) this.#before = this.#allBefore(newest)
    const whole = new QuantileSketch()
    whole.absorb(this.#before.sketch)
    const last = this.#slots.get(newest)
    if (last) whole.absorb(last)
    return whole
  }

  read(): Row {
    this.#settle()
    const slots = [...this.#slots].map(
      ([number, sketch]) =>
        [
          number,
          sketch
            .cells()
            .map((cell) =>
              typeof cell === 'number' ? short(cell) : ([short(cell[0]), cell[1]] as const),
            ),
        ] as const,
    )
    return [this.labels, this.count, this.sum, slots]
  }

  fold(row: Row): void {
    if (row.length !== 4) return
    const [, count, sum, slots] = row
    this.count += count
    this.sum += sum
    for (const [number, cells] of slots) this.#slotOf(number).merge(cells)
    this.#forget()
  }

  /** What `read` says, once; `undefined` where that is nothing new. */
  take(): Row | undefined {
    if (!this.#untold && this.count === 0) return undefined
    const row = this.read()
    this.#untold = false
    this.count = 0
    this.sum = 0
    this.#slots.clear()
    this.#before = undefined
    return row
  }

  #allBefore(newest: number): Before {
    const sketch = new QuantileSketch()
    for (const [number, slot] of this.#slots) if (number !== newest) sketch.absorb(slot)
    return { newest, sketch }
  }

  /** For somebody who is going to add to it. */
  #slotOf(number: number): QuantileSketch {
    if (number !== this.#before?.newest) this.#before = undefined
    let sketch = this.#slots.get(number)
    if (sketch === undefined) this.#slots.set(number, (sketch = new QuantileSketch()))
    return sketch
  }

  #begin(slot: number): void {
    this.#sketch()
    this.#slot = slot
    this.#looked = 0
  }

  #makeRoom(): void {
    const { length } = this.#waiting
    if (length === MOST_WAITING) {
      this.#sketch()
      return
    }
    const larger = new Float64Array(length * 2)
    larger.set(this.#waiting)
    this.#waiting = larger
  }

  #sketch(): void {
    if (this.#length === 0) return
    const weight = this.#looked > ALL_OF ? ONE_IN : 1
    this.#slotOf(this.#slot).add(this.#waiting.subarray(0, this.#length), weight)
    this.#length = 0
  }

  /** Numerical Recipes' generator: every eighth exactly would see one thread of eight that take turns. */
  #isChosen(): boolean {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) | 0
    return this.#random >>> 29 === 0
  }

  #settle(): void {
    this.#sketch()
    this.#forget()
  }

  #forget(): void {
    const oldest = Math.floor(this.#now() / SLOT_MS) - SLOTS + 1
    for (const number of this.#slots.keys()) {
      if (number >= oldest) continue
      this.#slots.delete(number)
      this.#before = undefined
    }
  }
}

const short = (mean: number): number =>
  Number.isInteger(mean) ? mean : Number(mean.toPrecision(DIGITS))
