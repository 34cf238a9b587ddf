/** A cache against distribution's own proxy mode, both before one upstream, and against the upstream itself. */
import { join } from 'node:path'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { prepareCaches } from '../pull-through/prepare-caches.ts'
import { startDistribution } from '../pull-through/start-distribution.ts'
import { requireTools } from '../tools/require-tools.ts'
import { HttpContent } from '../upstream/http-content.ts'
import { digestOfBytes, makeManifest } from '../upstream/upstream-content.ts'
import { curlGet, curlTimes } from './curl.ts'
import { requireSpace } from './disk-space.ts'
import { expectStatus } from './http-exchange.ts'
import { median } from './median.ts'
import { sluicePeer } from './peers/sluice-peer.ts'
import { pullRedirected } from './pull-redirected.ts'
import { startRedirectingUpstream } from './redirecting-upstream.ts'
import { figure, ratio, type Table } from './report.ts'
import { rotated } from './rotated.ts'
import type { Bench } from './start-peers.ts'
import { streamIn } from './stream-layer.ts'
import { wrk, type Load } from './wrk.ts'

const REPOSITORY = 'bench/app'
const UPSTREAM = 'up.example'
const REDIRECTING = 'redirecting.example'
const MB = 1_000_000
const CACHED_READS = 3

/** One way to the images of the upstream. */
interface Way {
  readonly name: string
  readonly url: string
  readonly repository: string
  authorize(): Promise<Readonly<Record<string, string>>>
}

export async function pullThrough(bench: Bench): Promise<Table[]> {
  await requireTools(['registry', 'wrk'])
  const sizes = bench.quick ? [1, 10] : [10, 100, 1000]
  const cachedMb = bench.quick ? 20 : 500
  const rounds = bench.quick ? 1 : 5
  requireSpace(bench.dir, 4 * MB * (rounds * sizes.reduce((sum, size) => sum + size, 0) + cachedMb))
  const upstream = await startDistribution()
  const proxy = await startDistribution({ proxyOf: upstream.url })
  const redirecting = await startRedirectingUpstream()
  const { env } = prepareCaches(bench.dir, {
    [UPSTREAM]: { urls: [upstream.url] },
    [REDIRECTING]: { urls: [redirecting.url], missPolicy: 'redirect' },
  })
  const sluice = await (await sluicePeer(env)).start(join(bench.dir, 'sluice'))
  const nobody = { repository: REPOSITORY, authorize: () => Promise.resolve({}) }
  const direct: Way = { name: 'the upstream itself', url: upstream.url, ...nobody }
  const repository = `${UPSTREAM}/${REPOSITORY}`
  const ours: Way = {
    name: 'Sluice',
    url: sluice.url,
    repository,
    authorize: () => sluice.authorize(`repository:${repository}:pull`),
  }
  const theirs: Way = { name: 'distribution 3.1.1 as proxy', url: proxy.url, ...nobody }
  try {
    const ways = [ours, theirs, direct] as const
    const put = (tag: string, bytes: number): Promise<string> => putLayer(upstream.url, tag, bytes)
    for (const way of ways) await pull(way, 'warm-up', await put('warm-up', MB), MB)
    return [
      await cached(bench, ways, await put('cached', cachedMb * MB), cachedMb),
      await cold(bench, ways, put, sizes, rounds),
      await pullRedirected(bench, sluice, redirecting, REDIRECTING),
    ]
  } finally {
    await sluice.stop()
    await proxy.close()
    await upstream.close()
    await redirecting.close()
  }
}

/** An image of one layer, pushed to the upstream; resolves to the layer's digest. */
async function putLayer(url: string, tag: string, size: number): Promise<string> {
  const content = new HttpContent(url)
  const config = Buffer.from(JSON.stringify({ tag }))
  await content.putBlob(REPOSITORY, config)
  const server = { url, authorize: () => Promise.resolve({}) }
  const digest = await streamIn(server, REPOSITORY, size)
  const manifest = makeManifest(OCI_MANIFEST, {
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: digestOfBytes(config),
      size: config.byteLength,
    },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size }],
  })
  await content.putManifest(REPOSITORY, tag, manifest)
  return digest
}

/** Manifest by tag, then the layer. `first`: seconds to the layer's first byte from when it was asked for. */
async function pull(
  way: Way,
  tag: string,
  digest: string,
  size: number,
): Promise<{ readonly first: number; readonly whole: number }> {
  const headers = await way.authorize()
  const base = `${way.url}/v2/${way.repository}`
  const began = performance.now()
  const accept = { ...headers, accept: OCI_MANIFEST }
  await expectStatus(200, 'GET', `${base}/manifests/${tag}`, { headers: accept })
  const manifest = (performance.now() - began) / 1000
  const { first, whole } = await curlTimes(`${base}/blobs/${digest}`, size, headers)
  return { first, whole: manifest + whole }
}

async function cached(
  bench: Bench,
  [ours, theirs, direct]: readonly [Way, Way, Way],
  digest: string,
  megabytes: number,
): Promise<Table> {
  const [rounds, seconds] = bench.quick ? [1, 2] : [3, 10]
  const loads = new Map<Way, Load[]>()
  const times = new Map<Way, number[]>()
  const add = <T>(to: Map<Way, T[]>, way: Way, value: T): void =>
    void to.set(way, [...(to.get(way) ?? []), value])
  for (const way of [ours, theirs]) await pull(way, 'cached', digest, megabytes * MB)
  for (let round = -1; round < rounds; round++) {
    for (const way of rotated([ours, theirs], round + 1)) {
      const headers = { ...(await way.authorize()), accept: OCI_MANIFEST }
      const base = `${way.url}/v2/${way.repository}`
      const load = await wrk(`${base}/manifests/cached`, headers, round < 0 ? 3 : seconds)
      if (load.errors > 0) throw new Error(`${way.name}: ${load.errors} requests failed`)
      if (round < 0) continue
      add(loads, way, load)
      for (let read = 0; read < CACHED_READS; read++) {
        add(times, way, await curlGet(`${base}/blobs/${digest}`, megabytes * MB, headers))
      }
      bench.say(`${way.name}: ${figure(load.perSecond)} manifests/s, p99 ${load.p99} ms`)
    }
  }
  const of = (way: Way, pick: keyof Load): number =>
    median((loads.get(way) ?? []).map((load) => load[pick]))
  const speed = (way: Way): number => megabytes / median(times.get(way) ?? [])
  const row = (what: string, unit: string, value: (way: Way) => number): string[] => [
    what,
    `${figure(value(ours))} ${unit}`,
    `${figure(value(theirs))} ${unit}`,
    ratio(value(ours), value(theirs)),
  ]
  return {
    title: 'Pull-through, what is cached',
    head: ['', ours.name, theirs.name, 'ratio'],
    rows: [
      row('manifest by tag', '/s', (way) => of(way, 'perSecond')),
      row('manifest by tag, p99', 'ms', (way) => of(way, 'p99')),
      row(`blob of ${megabytes} MB`, 'MB/s', speed),
    ],
    notes: [
      `\`wrk -t1 -c32 -d${seconds}s\`, median of ${rounds} runs, interleaved; ${direct.name} on the same machine; Sluice with a Bearer token, the proxy anonymous`,
      'wanted: 20x the requests per second, a twentieth of the p99, 1x for the blob',
    ],
  }
}

async function cold(
  bench: Bench,
  ways: readonly [Way, Way, Way],
  put: (tag: string, bytes: number) => Promise<string>,
  sizes: readonly number[],
  rounds: number,
): Promise<Table> {
  const [ours, theirs, direct] = ways
  const rows: string[][] = []
  for (const megabytes of sizes) {
    const pulls = new Map<Way, { first: number; whole: number }[]>()
    for (let round = 0; round < rounds; round++) {
      const tag = `cold-${megabytes}-${round}`
      const digest = await put(tag, megabytes * MB)
      for (const way of rotated(ways, round)) {
        const took = await pull(way, tag, digest, megabytes * MB)
        pulls.set(way, [...(pulls.get(way) ?? []), took])
        bench.say(`${way.name}: ${megabytes} MB cold in ${took.whole.toFixed(3)} s`)
      }
    }
    const of = (way: Way, pick: 'first' | 'whole'): number =>
      median((pulls.get(way) ?? []).map((took) => took[pick]))
    const kinds = [
      ['the whole', 'whole'],
      ['first byte of the layer', 'first'],
    ] as const
    for (const [what, pick] of kinds) {
      const base = of(direct, pick)
      rows.push([
        `${megabytes} MB: ${what}`,
        ...ways.map((way) => `${figure(of(way, pick) * 1000)} ms`),
        ratio(of(ours, pick), base),
        ratio(of(theirs, pick), base),
      ])
    }
  }
  return {
    title: 'Pull-through, cold',
    head: ['', ...ways.map(({ name }) => name), 'Sluice / upstream', 'proxy / upstream'],
    rows,
    notes: [
      `manifest by tag, then the one layer of an image that nobody has asked for, by curl; median of ${rounds} images each; Sluice syncs what it stores behind the last byte, the proxy not at all`,
      "wanted: at most 1.3x the upstream, and faster than the proxy's",
    ],
  }
}
