/** One record of a shard: the readings of some series, either in total or as seen in one slot of time. */
import { MAX_TRANSACTION_WRITES } from '@sluice/core/ports/table-limits'
import type { Clock } from '@sluice/core/ports/clock'
import type { Item, Key, Write } from '@sluice/core/ports/table'
import { Meter } from './meter.ts'
import { packReadings, unpackReadings } from './packed-readings.ts'
import { SLOT_MS, type Readings } from './readings.ts'
import { readingsOf, seriesOf } from './readings-series.ts'

/** Bytes, of the first rows of a kind: what is counted with every request stays together in one cheap write. */
const SMALL = 8 * 1024
/** Of the others, so that what a shard can hold fits into one transaction. */
const LARGE = 64 * 1024
const SMALL_ROWS = MAX_TRANSACTION_WRITES / 10

/** Milliseconds after its slot for which a row may stand; nobody reads it then, and the table drops it. */
const KEPT_MS = 86_400_000

export class TotalsRow {
  readonly key: Key
  /** Its place among those of its kind. */
  readonly number: number
  readonly slot: number | undefined
  /** Counts its writes; 0 where there is no record yet. */
  readonly turn: number
  #readings: Readings
  #changed = false

  constructor(
    key: Key,
    number: number,
    slot: number | undefined,
    turn: number,
    readings: Readings,
  ) {
    this.key = key
    this.number = number
    this.slot = slot
    this.turn = turn
    this.#readings = readings
  }

  static of(key: Key, number: number, item: Item): TotalsRow {
    const readings = unpackReadings(item.readings as Uint8Array)
    return new TotalsRow(
      key,
      number,
      item.slot as number | undefined,
      item.turn as number,
      readings,
    )
  }

  get readings(): Readings {
    return this.#readings
  }

  get changed(): boolean {
    return this.#changed
  }

  add(readings: Readings, clock: Clock): void {
    const meter = new Meter(clock)
    meter.fold(this.#readings)
    meter.fold(readings)
    this.#readings = meter.snapshot()
    this.#changed = true
  }

  /** The half of its series that another row should take, where it has grown too large. */
  overflow(): Readings | undefined {
    const series = seriesOf(this.#readings)
    const most = this.number < SMALL_ROWS ? SMALL : LARGE
    if (series.length < 2 || packReadings(this.#readings).byteLength <= most) return undefined
    const half = Math.ceil(series.length / 2)
    this.#readings = readingsOf(series.slice(0, half))
    this.#changed = true
    return readingsOf(series.slice(half))
  }

  write(): Write {
    return {
      put: this.key,
      item: {
        readings: packReadings(this.#readings),
        turn: this.turn + 1,
        ...(this.slot !== undefined && {
          slot: this.slot,
          expires: Math.ceil(((this.slot + 1) * SLOT_MS + KEPT_MS) / 1000),
        }),
      },
      when: this.turn === 0 ? 'absent' : { equals: { turn: this.turn } },
    }
  }
}
