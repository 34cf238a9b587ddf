/** A real Prometheus over a real server: what it knows is what was done, also when the server is killed meanwhile. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { DISTRIBUTIONS } from '../adapters/metrics/distributions.ts'
import { QUANTILE_BOUNDS } from '../adapters/metrics/quantile-bounds.ts'
import { SeededRandom } from '../faults/seeded-random.ts'
import { freePort } from '../free-port.ts'
import { startSluice, type RunningSluice } from '../running-sluice.ts'
import { SECRET } from './scrape.ts'
import { slowRequests, type Lasted } from './slow-requests.ts'
import { startPrometheus, type Prometheus } from './start-prometheus.ts'

const SLOW = 1000
const AT_ONCE = 100
const NOT_FOUND = 'imageregistry_http_requests_total{code="404",method="get"}'
const POSTED = 'imageregistry_http_request_duration_seconds_count{method="post"}'

describe('a Prometheus that scrapes the registry', () => {
  let dataDir: string
  let port: number
  let sluice: RunningSluice
  let prometheus: Prometheus
  const start = (): Promise<RunningSluice> =>
    startSluice({
      port,
      dataDir,
      env: {
        SLUICE_METRICS_SECRET: SECRET,
        SLUICE_THREADS: '3',
        SLUICE_ACCESS_LOG: 'off',
        // Of the first start and of the second.
        SLUICE_ADMIN_PASSWORD: 'the password',
      },
    })
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'sluice-scraped-'))
    port = await freePort()
    sluice = await start()
    prometheus = await startPrometheus({ host: `127.0.0.1:${port}`, secret: SECRET })
  })
  afterAll(async () => {
    await prometheus?.close()
    await sluice?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  async function askNowhere(times: number): Promise<void> {
    for (let count = 0; count < times; count++) {
      await (await fetch(`${sluice.url}/nowhere`)).arrayBuffer()
    }
  }

  const seen = (series: string, count: number): Promise<void> =>
    vi.waitFor(async () => expect(await prometheus.value(series)).toBe(count), {
      timeout: 30_000,
      interval: 200,
    })

  /** As a client: a token of the server as it is now. */
  async function askSlowly(draw: (random: SeededRandom) => number): Promise<readonly Lasted[]> {
    const random = new SeededRandom(SLOW)
    const seconds = Array.from({ length: SLOW }, () => Math.min(2, 0.05 + 20 * draw(random)))
    const digest = `sha256:${'0'.repeat(64)}`
    const url = new URL(`/v2/default/slow/blobs/uploads/?digest=${digest}`, sluice.url)
    return slowRequests(url, await bearer(sluice), seconds, AT_ONCE)
  }

  async function expectQuantiles(lasted: readonly Lasted[]): Promise<void> {
    const least = lasted.map((one) => one.least).toSorted((a, b) => a - b)
    const most = lasted.map((one) => one.most).toSorted((a, b) => a - b)
    for (const [rank, bound] of QUANTILE_BOUNDS) {
      const labels = `{method="post",quantile="${rank}"}`
      const value = await prometheus.value(`imageregistry_http_request_duration_seconds${labels}`)
      const [low, high] = [rank - bound, rank + bound].map((at) => Math.ceil(at * SLOW) - 1)
      expect(value, `at least the quantile ${rank - bound}`).toBeGreaterThanOrEqual(least[low!]!)
      expect(value, `at most the quantile ${rank + bound}`).toBeLessThanOrEqual(most[high!]!)
    }
    const total = 'imageregistry_http_request_duration_seconds_sum{method="post"}'
    const sum = await prometheus.value(total)
    expect(sum).toBeGreaterThanOrEqual(sumOf(least))
    expect(sum).toBeLessThanOrEqual(sumOf(most))
  }

  it('knows each request and how long they took, before and after the server is killed', async () => {
    await askNowhere(300)
    const before = await askSlowly(DISTRIBUTIONS['log-normal, wide']!)
    await seen(NOT_FOUND, 300)
    await seen(POSTED, SLOW)
    await expectQuantiles(before)

    await sluice.kill()
    sluice = await start()
    await askNowhere(200)
    const after = await askSlowly(DISTRIBUTIONS.uniform!)
    await seen(NOT_FOUND, 200)
    await seen(POSTED, SLOW)
    await expectQuantiles(after)

    const [history] = await prometheus.query(`${NOT_FOUND}[30m]`)
    const values = (history?.values ?? []).map(([, value]) => Number(value))
    expect(increase(values)).toBe(500 - values[0]!)
    expect(await prometheus.value(`resets(${NOT_FOUND}[30m])`)).toBe(1)
    // Prometheus' own way guesses at the ends of its range.
    const guessed = await prometheus.value(`increase(${NOT_FOUND}[30m])`)
    expect(guessed).toBeGreaterThan(200)
    expect(guessed).toBeLessThan(600)
  })

  it('has loaded the rules, and what they record is there', async () => {
    expect(JSON.stringify(await prometheus.rules())).not.toMatch(/"health":"err"/)
    await fetch(`${sluice.url}/v2/default/slow/manifests/v1`, {
      headers: { authorization: await bearer(sluice) },
    })
    const recorded = 'imageregistry:operations_count:sum{operation="get",resource_type="manifest"}'
    await seen(recorded, 1)
    await seen('imageregistry_request_duration_seconds_count{operation="BlobStore.Put"}', SLOW)
  })
})

const sumOf = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0)

/** What a counter counted, over its restarts. */
const increase = (values: readonly number[]): number =>
  values.reduce((sum, value, at) => {
    const before = values[at - 1] ?? value
    return sum + (value >= before ? value - before : value)
  }, 0)

async function bearer({ url, user, password }: RunningSluice): Promise<string> {
  const basic = Buffer.from(`${user}:${password}`).toString('base64')
  const scope = 'repository:default/slow:pull,push'
  const answer = await fetch(`${url}/token?service=sluice&scope=${scope}`, {
    headers: { authorization: `Basic ${basic}` },
  })
  return `Bearer ${((await answer.json()) as { token: string }).token}`
}
