/** Each query of the dashboard is answered by a real Prometheus, once something of everything has happened. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '@sluice/core/digest'
import { METRICS_FAMILIES } from '@sluice/core/metrics-families'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { answer } from '../upstream/fault.ts'
import { putImage } from '../upstream/upstream-content.ts'
import { SECRET } from './scrape.ts'
import { startPrometheus, type Prometheus } from './start-prometheus.ts'
import { newImage, UPSTREAM, WatchedServer } from './watched-server.ts'

interface Panel {
  readonly type: string
  readonly title: string
  readonly gridPos: {
    readonly h: number
    readonly w: number
    readonly x: number
    readonly y: number
  }
  readonly targets?: readonly { readonly expr: string }[]
}

const { panels } = JSON.parse(readFileSync('infra/monitoring/grafana.json', 'utf8')) as {
  readonly panels: readonly Panel[]
}

const queries = panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, expr.replaceAll('$__rate_interval', '2m')] as const),
)

describe('the dashboard', () => {
  it('has no panel without a query, and none over another', () => {
    const asking = panels.filter(({ type }) => type !== 'row')
    expect(asking.filter(({ targets = [] }) => targets.length === 0)).toEqual([])
    const taken = new Map<string, string>()
    const covered: string[] = []
    for (const { title, gridPos } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          const other = taken.get(`${x} ${y}`)
          if (other !== undefined) covered.push(`${title} over ${other}`)
          taken.set(`${x} ${y}`, title)
        }
      }
    }
    expect(covered).toEqual([])
    expect(queries.length).toBeGreaterThan(20)
  })

  it('asks for what there is', () => {
    const known = Object.keys(METRICS_FAMILIES)
    const asked = queries.map(([title, expression]) => {
      const names = expression.match(/\b(?:imageregistry|sluice|process)_\w+/g) ?? []
      return { title, families: names.map((name) => name.replace(/_(?:sum|count)$/, '')) }
    })
    expect(asked.filter(({ families }) => families.length === 0)).toEqual([])
    expect(known).toEqual(expect.arrayContaining(asked.flatMap(({ families }) => families)))
  })
})

describe('a Prometheus behind the dashboard', () => {
  let server: WatchedServer
  let prometheus: Prometheus
  let turn = 0
  beforeAll(async () => {
    server = await WatchedServer.start({
      upstream: {
        tagAges: [
          { pattern: 'always-old', seconds: 0 },
          { pattern: '*', seconds: 3600 },
        ],
      },
      env: { SLUICE_SWEEP_INTERVAL: '1', SLUICE_GRACE: '0', SLUICE_THREADS: '1' },
    })
    prometheus = await startPrometheus({ host: server.sluice.host, secret: SECRET })
  })
  afterAll(async () => {
    await prometheus?.close()
    await server?.stop()
  })

  /** Pushes, pulls from here and through, hits, misses, waits, failures of upstreams and of the storage, sweeps. */
  async function doSomethingOfEverything(): Promise<void> {
    const repository = `org/turn-${++turn}`
    const { content } = server.upstream
    await server.push('default/app', `v${turn}`, newImage())
    await server.ask('GET', `/v2/default/app/manifests/v${turn}`)
    const image = newImage()
    await putImage(content, repository, 'v1', image)
    const path = `/v2/${UPSTREAM}/${repository}`
    const layer = digestOf('sha256', image.layers[0]!)
    server.upstream.fail('any', {
      kind: 'headers',
      headers: { 'ratelimit-remaining': '76;w=21600' },
    })
    await Promise.all([1, 2, 3].map(() => server.ask('GET', `${path}/manifests/v1`)))
    await server.ask('GET', `${path}/manifests/v1`)
    await server.ask('GET', `${path}/blobs/${layer}`)
    await server.ask('GET', `${path}/blobs/${layer}`)
    await server.ask('GET', `${path}/manifests/none`)
    server.upstream.heal()
    await putImage(content, repository, 'always-old', image)
    await server.ask('GET', `${path}/manifests/always-old`)
    server.upstream.fail('any', answer(500))
    await server.ask('GET', `${path}/manifests/always-old`)
    server.upstream.heal()
    rmSync(join(server.sluice.dataDir, 'blobs'), { recursive: true, force: true })
    await server.ask('GET', `${path}/blobs/${layer}`)
  }

  it('answers each of its queries', async () => {
    let empty: readonly (readonly [string, string])[] = queries
    await vi.waitFor(
      async () => {
        await doSomethingOfEverything()
        const answers = await Promise.all(queries.map(([, query]) => prometheus.query(query)))
        empty = queries.filter((_, at) => answers[at]!.length === 0)
        expect(empty).toEqual([])
      },
      { timeout: 90_000, interval: 1000 },
    )
  })
})
