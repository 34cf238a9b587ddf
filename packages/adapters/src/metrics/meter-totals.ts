/**
 * What all doors of a deployment have counted, for ever: many who count nothing twice, and one who reads it all.
 *
 *     lines of one environment -> those that are new -> a shard, as it is now -> one transaction: its rows and the
 *     environment's ranges, each as it was read, or nothing at all and once more
 *
 * Lines come at least once, late, and in any order and cut. Which shard takes them is all one: the whole is their sum.
 */
import type { Clock } from '@sluice/core/ports/clock'
import type { Table, TableRecord, Write } from '@sluice/core/ports/table'
import {
  keyOf,
  MAX_TRANSACTION_BYTES,
  MAX_TRANSACTION_WRITES,
  recordBytes,
} from '@sluice/core/ports/table-limits'
import { meteredKey, meterPk } from '@sluice/core/records/keys'
import { allRecords } from '@sluice/core/services/all-records'
import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { averageInFlight } from './average-in-flight.ts'
import { boundedSeries } from './bounded-series.ts'
import { Meter } from './meter.ts'
import { MOST_LINE_AGE, meteredRecord, putMetered } from './metered-record.ts'
import type { MeteredLine } from './metered-line.ts'
import { readingsOf, seriesOf } from './readings-series.ts'
import { isIn, withAll } from './sequence-ranges.ts'
import { TotalsShard } from './totals-shard.ts'

/** As many can pour at once without waiting for each other; a scrape reads them all. */
export const METER_SHARDS = 8

/** Races that may be lost before whoever delivers the lines must come again. */
const MOST_TRIES = 40
const MOST_PAUSE_MS = 50

export interface Folded {
  readonly counted: number
  /** That were counted before. */
  readonly repeated: number
  /** Too old for anyone to know whether they were counted. */
  readonly late: number
}

export class MeterTotals {
  readonly #table: Table
  readonly #clock: Clock

  constructor(table: Table, clock: Clock) {
    this.#table = table
    this.#clock = clock
  }

  /** When it throws, some of the lines may be in, and the same may come again. */
  async fold(lines: readonly MeteredLine[]): Promise<Folded> {
    const oldest = this.#clock.now() - MOST_LINE_AGE
    const timely = lines.filter(({ at }) => at > oldest)
    const byEnvironment = Map.groupBy(timely, ({ environment }) => environment)
    let counted = 0
    for (const [environment, own] of byEnvironment) counted += await this.#pour(environment, own)
    const late = lines.length - timely.length
    return { counted, late, repeated: timely.length - counted }
  }

  /** A query for each shard, however many environments there were. */
  async read(): Promise<Meter> {
    const shards = await Promise.all(
      Array.from({ length: METER_SHARDS }, async (_, shard) => {
        return new TotalsShard(shard, await this.#recordsOf(shard), this.#clock)
      }),
    )
    const recent = shards.flatMap((shard) => shard.recent)
    const meter = new Meter(this.#clock)
    const known = new Set<string>()
    // Totals first, as they say which series there are.
    for (const readings of [...shards.flatMap((shard) => shard.total), ...recent]) {
      meter.fold(readingsOf(boundedSeries(seriesOf(readings), known)))
    }
    meter
      .gauge('imageregistry_http_in_flight_requests', {})
      .set(averageInFlight(recent, this.#clock.now()))
    return meter
  }

  /** Resolves to how many were new. */
  async #pour(environment: string, lines: readonly MeteredLine[]): Promise<number> {
    let shard = Number.parseInt(environment.slice(0, 8), 16) % METER_SHARDS
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const [item, records] = await Promise.all([
        this.#table.get(meteredKey(environment)),
        this.#recordsOf(shard),
      ])
      const before = meteredRecord(item)
      const fresh = [...new Map(lines.map((line) => [line.sequence, line])).values()].filter(
        ({ sequence }) => !isIn(before.counted, sequence),
      )
      if (fresh.length === 0) return 0
      const sequences = fresh.map(({ sequence }) => sequence)
      const put = putMetered(
        environment,
        before,
        withAll(before.counted, sequences),
        this.#clock.now(),
      )
      const writes = [put, ...this.#rowsOf(shard, records, fresh, true)]
      if (!fits(writes) && fresh.length > 1) {
        const half = fresh.length / 2
        const first = await this.#pour(environment, fresh.slice(0, half))
        return first + (await this.#pour(environment, fresh.slice(half)))
      }
      // Quantiles are an estimate, counts are none.
      const fitting = fits(writes) ? writes : [put, ...this.#rowsOf(shard, records, fresh, false)]
      if ((await this.#table.transact(fitting)).ok) return fresh.length
      await sleep(randomInt(MOST_PAUSE_MS))
      shard = (shard + 1) % METER_SHARDS
    }
    throw new Error(`lines of ${environment} lost ${MOST_TRIES} races for the totals`)
  }

  #rowsOf(
    shard: number,
    records: readonly TableRecord[],
    lines: readonly MeteredLine[],
    recent: boolean,
  ): Write[] {
    const totals = new TotalsShard(shard, records, this.#clock)
    totals.fold(
      lines.map(({ readings }) => readings),
      { recent },
    )
    return totals.writes()
  }

  #recordsOf(shard: number): Promise<readonly TableRecord[]> {
    return allRecords(this.#table, meterPk(shard))
  }
}

function fits(writes: readonly Write[]): boolean {
  const bytes = writes.reduce(
    (sum, write) => sum + recordBytes(keyOf(write), 'put' in write ? write.item : {}),
    0,
  )
  return writes.length <= MAX_TRANSACTION_WRITES && bytes < MAX_TRANSACTION_BYTES
}
