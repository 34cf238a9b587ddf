/** What the totals of a deployment promise (packages/adapters/src/metrics/meter-totals.ts), over whatever table. */
import { MOST_TOTAL_SERIES } from '@sluice/adapters/metrics/bounded-series'
import type { Meter } from '@sluice/adapters/metrics/meter'
import { MOST_LINE_AGE } from '@sluice/adapters/metrics/metered-record'
import { METER_SHARDS, MeterTotals } from '@sluice/adapters/metrics/meter-totals'
import { SLOT_MS } from '@sluice/adapters/metrics/readings'
import { writeExposition } from '@sluice/adapters/metrics/write-exposition'
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Table, TableRecord } from '@sluice/core/ports/table'
import { MAX_ITEM_BYTES, recordBytes } from '@sluice/core/ports/table-limits'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SeededRandom } from '../faults/seeded-random.ts'
import { MeteredEnvironment } from '../metrics/metered-environment.ts'
import { shuffled } from '../metrics/shuffled.ts'
import { settableClock } from '../temporary-registry.ts'
import type { OpenTable } from './table.ts'

const REQUESTS = 'imageregistry_http_requests_total{code="200",method="get"}'
const DURATION = 'imageregistry_http_request_duration_seconds'

/** The value of one series of the exposition; NaN where it is not there. */
const valueOf = (meter: Meter, series: string): number => {
  const line = writeExposition(meter, false)
    .split('\n')
    .find((one) => one.startsWith(`${series} `))
  return Number(line?.slice(series.length + 1))
}

const project = (at: number): string => `a-project-with-a-long-name-${String(at).padStart(36, '0')}`

/** Of the values of lines of an exposition. */
const sum = (lines: readonly string[]): number =>
  lines.reduce((all, line) => all + Number(line.slice(line.lastIndexOf(' '))), 0)

/** A table that says what it was asked. */
function counting(table: Table): { readonly table: Table; readonly asked: string[] } {
  const asked: string[] = []
  const counted = new Proxy(table, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        asked.push(String(name))
        return (value as (...args: unknown[]) => unknown).apply(target, args)
      }
    },
  })
  return { table: counted, asked }
}

async function allRecords(table: Table): Promise<readonly TableRecord[]> {
  const records: TableRecord[] = []
  let after: string | undefined
  do {
    const page = await table.scan({ limit: 1000, ...(after !== undefined && { after }) })
    records.push(...page.records)
    after = page.next
  } while (after !== undefined)
  return records
}

export function describeMeterTotals(name: string, open: () => Promise<OpenTable>): void {
  describe(`totals in ${name}`, () => {
    let opened: OpenTable
    let table: Table
    const clock = settableClock()
    const totals = (): MeterTotals => new MeterTotals(table, clock)
    beforeEach(async () => {
      opened = await open()
      table = opened.table
      clock.set(Date.now())
    })
    afterEach(() => opened.close())

    it('are nothing before anybody counted', async () => {
      const meter = await totals().read()
      expect(valueOf(meter, REQUESTS)).toBeNaN()
      expect(valueOf(meter, 'imageregistry_http_in_flight_requests')).toBe(0)
    })

    it('count each line once, however often it comes and however it is cut', async () => {
      const environment = new MeteredEnvironment(clock)
      const lines = Array.from({ length: 6 }, () => {
        environment.serve(0.25)
        return environment.line()
      })
      const all = { counted: 6, repeated: 0, late: 0 }
      expect(await totals().fold([lines[4]!, lines[1]!])).toEqual({ ...all, counted: 2 })
      expect(await totals().fold([...lines, lines[0]!])).toEqual({
        ...all,
        counted: 4,
        repeated: 3,
      })
      expect(await totals().fold(lines)).toEqual({ ...all, counted: 0, repeated: 6 })
      const meter = await totals().read()
      expect(valueOf(meter, REQUESTS)).toBe(6)
      expect(valueOf(meter, `${DURATION}_count{method="get"}`)).toBe(6)
      expect(valueOf(meter, `${DURATION}_sum{method="get"}`)).toBe(1.5)
    })

    it('are exact when batches are doubled, cut, out of order and beside each other, and never go back', async () => {
      const random = new SeededRandom(20261127)
      const environments = Array.from({ length: 12 }, () => new MeteredEnvironment(clock))
      const batches = environments.flatMap((environment) => {
        const lines = Array.from({ length: 10 }, () => {
          environment.serve(random.below(1000) / 1000)
          return environment.line()
        })
        const cut = (size: number) =>
          Array.from({ length: Math.ceil(lines.length / size) }, (_, at) =>
            lines.slice(at * size, (at + 1) * size),
          )
        // Each line comes by two ways of cutting, some thrice.
        return [...cut(3), ...cut(4), ...cut(7).filter(() => random.chance(50))]
      })
      const waiting = shuffled(batches, random).map((batch) => shuffled(batch, random))
      let seen = 0
      const exporters = Array.from({ length: 6 }, async () => {
        for (let batch = waiting.pop(); batch; batch = waiting.pop()) {
          await totals().fold(batch)
        }
      })
      const scraper = (async () => {
        while (waiting.length > 0) {
          const now = valueOf(await totals().read(), REQUESTS) || 0
          expect(now).toBeGreaterThanOrEqual(seen)
          seen = now
          // A table that answers at once would leave nobody else the time.
          await setImmediate()
        }
      })()
      await Promise.all([...exporters, scraper])
      const meter = await totals().read()
      expect(valueOf(meter, REQUESTS)).toBe(120)
      expect(valueOf(meter, `${DURATION}_count{method="get"}`)).toBe(120)
    })

    it('count a line once whose transaction was done and not answered', async () => {
      const environment = new MeteredEnvironment(clock)
      environment.serve(1)
      const line = environment.line()
      const deaf: Table = Object.create(table, {
        transact: {
          value: async (writes: Parameters<Table['transact']>[0]) => {
            await table.transact(writes)
            throw new StorageError('unavailable', 'the answer was lost', undefined)
          },
        },
        get: { value: (key: Parameters<Table['get']>[0]) => table.get(key) },
        query: { value: (...args: Parameters<Table['query']>) => table.query(...args) },
      }) as Table
      await expect(new MeterTotals(deaf, clock).fold([line])).rejects.toThrow('lost')
      expect(await totals().fold([line])).toEqual({ counted: 0, repeated: 1, late: 0 })
      expect(valueOf(await totals().read(), REQUESTS)).toBe(1)
    })

    it('do not count what is so old that nobody knows whether it was counted', async () => {
      const environment = new MeteredEnvironment(clock)
      environment.serve(1)
      const line = environment.line()
      clock.advance(MOST_LINE_AGE)
      expect(await totals().fold([line])).toEqual({ counted: 0, repeated: 0, late: 1 })
      expect(valueOf(await totals().read(), REQUESTS)).toBeNaN()
    })

    it('tell quantiles of ten minutes, and counts for ever', async () => {
      const environment = new MeteredEnvironment(clock)
      clock.set(Math.ceil(Date.now() / SLOT_MS) * SLOT_MS)
      for (let at = 1; at <= 100; at++) environment.serve(at)
      const early = environment.line()
      clock.advance(4 * SLOT_MS)
      for (let at = 1; at <= 100; at++) environment.serve(1000 + at)
      await totals().fold([environment.line()])
      await totals().fold([early])
      const p50 = `${DURATION}{method="get",quantile="0.5"}`
      const both = valueOf(await totals().read(), p50)
      expect(both).toBeGreaterThanOrEqual(90)
      expect(both).toBeLessThanOrEqual(1011)
      clock.advance(SLOT_MS)
      expect(Math.abs(valueOf(await totals().read(), p50) - 1050)).toBeLessThanOrEqual(5)
      // The ring comes round: what is written over was nobody's.
      clock.advance(SLOT_MS)
      environment.serve(7)
      await totals().fold([environment.line()])
      clock.advance(4 * SLOT_MS)
      const meter = await totals().read()
      expect(valueOf(meter, p50)).toBe(7)
      expect(valueOf(meter, `${DURATION}_count{method="get"}`)).toBe(201)
      clock.advance(SLOT_MS)
      expect(valueOf(await totals().read(), p50)).toBeNaN()
    })

    it('tell how many requests were under way on average', async () => {
      const environment = new MeteredEnvironment(clock)
      clock.set(Math.ceil(Date.now() / SLOT_MS) * SLOT_MS)
      for (let at = 0; at < 6; at++) environment.serve(60)
      await totals().fold([environment.line()])
      clock.advance(SLOT_MS / 2)
      const gauge = 'imageregistry_http_in_flight_requests'
      // 360 s of requests in this slot's 60 s and the 120 s before it.
      expect(valueOf(await totals().read(), gauge)).toBe(2)
      clock.advance(2 * SLOT_MS)
      expect(valueOf(await totals().read(), gauge)).toBe(0)
    })

    it('are read by as many queries as there are shards, after any number of environments', async () => {
      const { table: counted, asked } = counting(table)
      for (let at = 0; at < 40; at++) {
        const environment = new MeteredEnvironment(clock)
        environment.serve(1)
        await totals().fold([environment.line()])
      }
      const meter = await new MeterTotals(counted, clock).read()
      expect(valueOf(meter, REQUESTS)).toBe(40)
      expect(asked).toEqual(Array.from({ length: METER_SHARDS }, () => 'query'))
    })

    it('take a line by one read, one query and one transaction', async () => {
      const { table: counted, asked } = counting(table)
      const environment = new MeteredEnvironment(clock)
      environment.serve(1)
      await new MeterTotals(counted, clock).fold([environment.line()])
      expect(asked.toSorted()).toEqual(['get', 'query', 'transact'])
    })

    it('hold 5,000 series in records that any table takes, and count what is beyond them as other', async () => {
      const environment = new MeteredEnvironment(clock)
      const projects = MOST_TOTAL_SERIES / 2
      const more = 50
      for (let at = 0; at < projects; at++) {
        const repository = project(at % 1999)
        environment.meter.counter('sluice_pulls_total', { project: repository }).add(1)
        environment.meter
          .summary('imageregistry_storage_duration_seconds', { operation: repository })
          .observe(at / 1000)
        if (at % 500 === 499) await totals().fold([environment.line()])
      }
      for (let at = 0; at < more; at++) {
        environment.meter
          .counter('imageregistry_storage_errors_total', {
            code: 'UNKNOWN',
            operation: project(at),
          })
          .add(1)
        environment.meter.counter('sluice_sweep_removed_total', { kind: project(at) }).add(1)
      }
      await totals().fold([environment.line()])
      for (const { pk, sk, item } of await allRecords(table)) {
        expect(recordBytes({ pk, sk }, item)).toBeLessThan(MAX_ITEM_BYTES)
      }
      const text = writeExposition(await totals().read(), false)
      const samples = text.match(/^sluice_pulls_total\{.*$/gm) ?? []
      expect(sum(samples)).toBe(projects)
      expect(sum(text.match(/^sluice_sweep_removed_total\{.*$/gm) ?? [])).toBe(more)
      expect(sum(text.match(/^imageregistry_storage_errors_total\{.*$/gm) ?? [])).toBe(more)
      expect(sum(text.match(/^imageregistry_storage_duration_seconds_count.*$/gm) ?? [])).toBe(
        projects,
      )
    })
  })
}
