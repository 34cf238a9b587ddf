/** A shard of a deployment's totals, as it was read: what is poured in lands in as few of its records as there can be. */
import type { Clock } from '@sluice/core/ports/clock'
import type { TableRecord, Write } from '@sluice/core/ports/table'
import { meterKey } from '@sluice/core/records/keys'
import { boundedSeries, seriesKey } from './bounded-series.ts'
import { SLOT_MS, SLOTS, type Readings, type Slot } from './readings.ts'
import { readingsOf, seriesOf, type ReadSeries } from './readings-series.ts'
import { TotalsRow } from './totals-row.ts'

const TOTAL = 'total'
const RECENT = 'recent'

/** One more than a quantile looks back on, for clocks that differ. */
const RING = SLOTS + 1

/** Five digits, so that the order of the keys is that of the numbers. */
const rowName = (room: string, number: number): string =>
  `${room}#${String(number).padStart(5, '0')}`
const roomOf = (sk: string): string => sk.slice(0, sk.lastIndexOf('#'))
const numberOf = (sk: string): number => Number(sk.slice(sk.lastIndexOf('#') + 1))
const recentRoom = (slot: number): string => `${RECENT}#${slot % RING}`

/** Rows of one kind and where each series is among them. */
class Room {
  readonly rows: TotalsRow[] = []
  readonly places = new Map<string, TotalsRow>()
  /** Rows of a slot that is over, by their numbers: they are written over. */
  readonly stale = new Map<number, TotalsRow>()

  take(row: TotalsRow): void {
    this.rows.push(row)
    for (const [family, [labels]] of seriesOf(row.readings)) {
      this.places.set(seriesKey(family, labels), row)
    }
  }
}

export class TotalsShard {
  readonly #shard: number
  readonly #clock: Clock
  readonly #rooms = new Map<string, Room>()

  constructor(shard: number, records: readonly TableRecord[], clock: Clock) {
    this.#shard = shard
    this.#clock = clock
    for (const { pk, sk, item } of records) {
      const row = TotalsRow.of({ pk, sk }, numberOf(sk), item)
      this.#room(roomOf(sk)).take(row)
    }
  }

  /** All at once: each row is put together anew. `recent: false`: for the totals alone. */
  fold(readings: readonly Readings[], { recent }: { readonly recent: boolean }): void {
    const known = new Set(this.#room(TOTAL).places.keys())
    const series = boundedSeries(
      readings.flatMap((one) => seriesOf(one)),
      known,
    )
    this.#pour(TOTAL, undefined, series.map(inTotal))
    if (recent) this.#foldRecent(series)
  }

  #foldRecent(series: readonly ReadSeries[]): void {
    const now = Math.floor(this.#clock.now() / SLOT_MS)
    const slots = new Map<number, ReadSeries[]>()
    for (const [family, row] of series) {
      if (row.length !== 4) continue
      for (const slot of row[3]) {
        if (slot[0] <= now - SLOTS || slot[0] > now + 1) continue
        const one: ReadSeries = [family, [row[0], 0, 0, [slot] satisfies Slot[]]]
        const seen = slots.get(slot[0])
        if (seen) seen.push(one)
        else slots.set(slot[0], [one])
      }
    }
    for (const [slot, seen] of slots) this.#pour(recentRoom(slot), slot, seen)
  }

  get total(): readonly Readings[] {
    return this.#room(TOTAL).rows.map((row) => row.readings)
  }

  get recent(): readonly Readings[] {
    const rooms = [...this.#rooms].filter(([name]) => name !== TOTAL)
    return rooms.flatMap(([, { rows }]) => rows.map((row) => row.readings))
  }

  writes(): Write[] {
    return [...this.#rooms.values()].flatMap(({ rows }) =>
      rows.filter(({ changed }) => changed).map((row) => row.write()),
    )
  }

  #room(name: string): Room {
    let room = this.#rooms.get(name)
    if (room === undefined) this.#rooms.set(name, (room = new Room()))
    return room
  }

  #pour(name: string, slot: number | undefined, series: readonly ReadSeries[]): void {
    const room = this.#room(name)
    this.#turnTo(room, slot)
    if (slot !== undefined && room.rows.some((row) => (row.slot ?? slot) > slot)) return
    const poured = new Map<TotalsRow, ReadSeries[]>()
    for (const one of series) {
      const [family, [labels]] = one
      const key = seriesKey(family, labels)
      let place = room.places.get(key)
      if (place === undefined) {
        place = room.rows.at(-1) ?? this.#newRow(name, room, slot)
        room.places.set(key, place)
      }
      const taken = poured.get(place)
      if (taken) taken.push(one)
      else poured.set(place, [one])
    }
    for (const [row, taken] of poured) {
      row.add(readingsOf(taken), this.#clock)
      this.#split(name, room, slot, row)
    }
  }

  /** What stood here of a former slot makes room, row by row, as there is something to write. */
  #turnTo(room: Room, slot: number | undefined): void {
    if (slot === undefined) return
    for (const row of room.rows.filter((one) => (one.slot ?? slot) < slot)) {
      room.rows.splice(room.rows.indexOf(row), 1)
      room.stale.set(row.number, row)
      for (const [key, place] of room.places) if (place === row) room.places.delete(key)
    }
  }

  #split(name: string, room: Room, slot: number | undefined, row: TotalsRow): void {
    const rest = row.overflow()
    if (rest === undefined) return
    const next = this.#newRow(name, room, slot)
    for (const [family, [labels]] of seriesOf(rest)) {
      room.places.set(seriesKey(family, labels), next)
    }
    next.add(rest, this.#clock)
    this.#split(name, room, slot, row)
    this.#split(name, room, slot, next)
  }

  #newRow(name: string, room: Room, slot: number | undefined): TotalsRow {
    const number = room.rows.reduce((most, row) => Math.max(most, row.number), -1) + 1
    const turn = room.stale.get(number)?.turn ?? 0
    const key = meterKey(this.#shard, rowName(name, number))
    const row = new TotalsRow(key, number, slot, turn, readingsOf([]))
    room.rows.push(row)
    return row
  }
}

function inTotal([family, row]: ReadSeries): ReadSeries {
  return [family, row.length === 4 ? [row[0], row[1], row[2], []] : row]
}
