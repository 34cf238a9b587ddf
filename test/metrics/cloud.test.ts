/**
 * The metrics of many environments that come, die and are frozen: what the doors' logs told reaches the exporter in whatever
 * way, and what Prometheus reads there is what was done.
 */
import { Meter } from '@sluice/adapters/metrics/meter'
import { parseMeteredLine } from '@sluice/adapters/metrics/metered-line'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCloud, type RunningCloud } from '../cloud/start-cloud.ts'
import { startEngines, type Engines } from '../cloud/engines/start-engines.ts'
import { SeededRandom } from '../faults/seeded-random.ts'
import { basic } from '../http/served-registry.ts'
import { LogDelivery } from './log-delivery.ts'
import { startPrometheus, type Prometheus } from './start-prometheus.ts'

const CLIENTS = 6
const ROUNDS = 6
const REQUESTS_EACH = 15
const DURATION = 'imageregistry_http_request_duration_seconds'

/** Ranks that OpenShift's registry promises. */
const OBJECTIVES = [
  [0.5, 0.05],
  [0.9, 0.01],
  [0.99, 0.001],
] as const

/** By code and method, as Prometheus has it now. */
async function requestsIn(prometheus: Prometheus): Promise<Record<string, number>> {
  const samples = await prometheus.query('imageregistry_http_requests_total')
  return Object.fromEntries(
    samples.map(({ metric, value }) => [
      `${metric['code']} ${metric['method']}`,
      Number(value?.[1]),
    ]),
  )
}

/** The lines of an exposition that only grow. */
async function scrapedCounts(url: string, authorization: string): Promise<string> {
  const response = await fetch(`${url}/extensions/v2/metrics`, { headers: { authorization } })
  const lines = (await response.text()).split('\n')
  return lines.filter((line) => line.includes('_total') || line.includes('_count')).join('\n')
}

describe('the metrics of the cloud', () => {
  const random = new SeededRandom(7)
  let engines: Engines
  let cloud: RunningCloud
  let delivery: LogDelivery
  let prometheus: Prometheus
  let authorization: string
  /** Answers of the function by their status. */
  const answered = new Map<number, number>()
  /** Requests that the gateway answered itself, as their environment died. */
  let lost = 0

  beforeAll(async () => {
    const waiting: [string, string, string][] = []
    let write = (...line: [string, string, string]): void => void waiting.push(line)
    engines = await startEngines()
    cloud = await startCloud({
      engines: engines.urls,
      uploadDoor: false,
      fills: 1,
      rules: { maxEnvironments: CLIENTS, invocationsPerEnvironment: 40 },
      onLine: (door, line, stream) => write(`/sluice/test/${door}`, stream, line),
    })
    delivery = new LogDelivery(engines.urls.moto, cloud.exporter, random)
    await delivery.open(['/sluice/test/api', '/sluice/test/fill'])
    write = (...line) => delivery.write(...line)
    for (const line of waiting) write(...line)
    authorization = basic(cloud.user, cloud.password)
    prometheus = await startPrometheus(cloud)
  })
  afterAll(async () => {
    await prometheus?.close()
    await cloud?.stop()
    await engines?.close()
  })

  const ask = async (path: string): Promise<void> => {
    const response = await fetch(`${cloud.url}${path}`, { headers: { authorization } })
    const body = await response.text()
    // The gateway's own answer has no errors in it.
    if (response.status >= 500 && !body.includes('"errors"')) lost += 1
    else answered.set(response.status, (answered.get(response.status) ?? 0) + 1)
  }

  const client = async (): Promise<void> => {
    for (let at = 0; at < REQUESTS_EACH; at++) {
      const missing = random.chance(25)
      await ask(
        missing ? '/v2/default/none/manifests/v1' : '/token?scope=repository:default/app:pull',
      )
      if (random.chance(3)) {
        const environments = cloud.gateway.environments()
        random.pick(environments)?.kill()
      }
    }
  }

  it('counts exactly, and never goes back, whatever dies and however the lines come', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all(Array.from({ length: CLIENTS }, client))
      await delivery.deliver()
    }
    await delivery.deliver()
    expect(cloud.gateway.coldStarts()).toBeGreaterThan(CLIENTS)
    expect(delivery.failures).toBeGreaterThan(0)

    // Of the lines themselves, each once.
    const whole = new Meter({ now: () => Date.now() })
    for (const line of delivery.lines) whole.fold(parseMeteredLine(line)!.readings)
    const told = new Map(
      whole
        .series('imageregistry_http_requests_total')
        .map(({ labels, ...series }) => [labels.join(' '), (series as { value: number }).value]),
    )
    const total = [...told.values()].reduce((sum, value) => sum + value, 0)
    const all = [...answered.values()].reduce((sum, value) => sum + value, 0)
    // What died after its line was counted and not answered.
    expect(total).toBeGreaterThanOrEqual(all)
    expect(total).toBeLessThanOrEqual(all + lost)
    expect(all + lost).toBe(CLIENTS * ROUNDS * REQUESTS_EACH)

    const expected = Object.fromEntries(told)
    for (let tries = 0; tries < 60; tries++) {
      if (JSON.stringify(await requestsIn(prometheus)) === JSON.stringify(expected)) break
      await sleep(500)
    }
    expect(await requestsIn(prometheus)).toEqual(expected)
    for (const name of ['imageregistry_http_requests_total', `${DURATION}_count`]) {
      for (const { value } of await prometheus.query(`resets(${name}[10m])`)) {
        expect([name, value?.[1]]).toEqual([name, '0'])
      }
    }
  })

  it('tells rates that are what was done', async () => {
    const [range] = await prometheus.query('sum_over_time(up[10m])')
    expect(Number(range?.value?.[1])).toBeGreaterThan(0)
    const name = 'imageregistry_http_requests_total{code="200"}'
    const [samples] = await prometheus.query(`${name}[10m]`)
    const [increase] = await prometheus.query(`increase(${name}[10m])`)
    const values = samples?.values ?? []
    const done = Number(values.at(-1)?.[1]) - Number(values[0]?.[1])
    expect(values.length).toBeGreaterThan(5)
    expect(done).toBeGreaterThan(0)
    // Prometheus goes on beyond the first sample and the last, by 1.1 of what lies between two at most.
    expect(Number(increase?.value?.[1])).toBeGreaterThanOrEqual(done * 0.99)
    expect(Number(increase?.value?.[1])).toBeLessThanOrEqual(done * (1 + 2.2 / (values.length - 1)))
  })

  it('tells quantiles that are those of the requests, within what OpenShift allows', async () => {
    const times: number[] = []
    for (const line of delivery.lines) {
      const { families } = parseMeteredLine(line)!.readings
      for (const row of families[DURATION] ?? []) {
        for (const [, cells] of row.length === 4 ? row[3] : []) {
          for (const cell of cells) times.push(...(typeof cell === 'number' ? [cell] : []))
        }
      }
    }
    times.sort((a, b) => a - b)
    // A scrape that took too long leaves a gap.
    const [count] = await prometheus.query(`sum(last_over_time(${DURATION}_count[1m]))`)
    expect(times).toHaveLength(Number(count?.value?.[1]))
    for (const [rank, error] of OBJECTIVES) {
      const series = `${DURATION}{method="get",quantile="${rank}"}`
      const samples = await prometheus.query(`last_over_time(${series}[1m])`)
      const quantile = Number(samples[0]?.value?.[1])
      const below = times.filter((time) => time < quantile).length / times.length
      const upTo = times.filter((time) => time <= quantile).length / times.length
      // A rank lies between two requests.
      const step = 1 / times.length
      expect(below - step, `${rank}`).toBeLessThanOrEqual(rank + error)
      expect(upTo + step, `${rank}`).toBeGreaterThanOrEqual(rank - error)
    }
  })

  it('is the same when all lines come once more', async () => {
    const before = await scrapedCounts(cloud.url, authorization)
    expect(before).toContain('imageregistry_http_requests_total{')
    const all = delivery.lines.slice()
    for (const line of all) delivery.write('/sluice/test/api', 'again', line)
    await delivery.deliver()
    expect(await scrapedCounts(cloud.url, authorization)).toBe(before)
  })

  it('shows what is asked of the engines, and no door that is the exporter itself', async () => {
    const [calls] = await prometheus.query('sum(last_over_time(sluice_engine_calls_total[1m]))')
    expect(Number(calls?.value?.[1])).toBeGreaterThan(0)
    const [build] = await prometheus.query('last_over_time(imageregistry_build_info[1m])')
    expect(build?.value?.[1]).toBe('1')
  })
})
