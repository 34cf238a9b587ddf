/** A cache against distribution's own proxy mode, both before one upstream, and against the upstream itself. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { prepareCaches } from '../pull-through/prepare-caches.ts'
import { startDistribution } from '../pull-through/start-distribution.ts'
import { requireTools } from '../tools/require-tools.ts'
import { HttpContent } from '../upstream/http-content.ts'
import { digestOfBytes, makeManifest } from '../upstream/upstream-content.ts'
import { curlGet } from './curl.ts'
import { requireSpace } from './disk-space.ts'
import { startFarLine, type FarLine } from './far-line.ts'
import { median } from './median.ts'
import { sluicePeer } from './peers/sluice-peer.ts'
import { onePull, type Way } from './one-pull.ts'
import { pullCold } from './pull-cold.ts'
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
const FAR_UPSTREAM = 'far.example'
const FAR_REDIRECTING = 'far-redirecting.example'
const MB = 1_000_000
const GB = 1000 * MB
/** A good line of a data centre: 1 Gbit/s. */
const FAR = { bytesPerSecond: 125 * MB, roundTripMs: 20 }
const FAR_WORDS = 'the upstream 20 ms away, 1 Gbit/s for each connection'
const CACHED_READS = 3
/** What wrk does between two requests of a connection, in milliseconds: some twenty times of what the proxy answers. */
const PAUSE = 'function delay() return 1 end'
/** Images that each server brings before any is measured, as one that has run for a while. */
const WARM_UPS = 20

export async function pullThrough(bench: Bench): Promise<Table[]> {
  await requireTools(['registry', 'wrk'])
  const sizes = bench.quick ? [1, 10] : [10, 100, 1000]
  const cachedMb = bench.quick ? 20 : 500
  const rounds = bench.quick ? 1 : 5
  requireSpace(bench.dir, 8 * MB * (rounds * sizes.reduce((sum, size) => sum + size, 0) + cachedMb))
  const upstream = await startDistribution()
  const proxy = await startDistribution({ proxyOf: upstream.url })
  const redirecting = await startRedirectingUpstream()
  const lines: FarLine[] = []
  const far = async (url: string): Promise<string> => {
    const line = await startFarLine(url, FAR)
    lines.push(line)
    return line.url
  }
  const farUpstream = await far(upstream.url)
  const farProxy = await startDistribution({ proxyOf: farUpstream })
  const farRedirecting = await startRedirectingUpstream(far)
  const { env } = prepareCaches(bench.dir, {
    [UPSTREAM]: { urls: [upstream.url] },
    [FAR_UPSTREAM]: { urls: [farUpstream] },
    [REDIRECTING]: { urls: [redirecting.url], missPolicy: 'redirect' },
    [FAR_REDIRECTING]: { urls: [farRedirecting.url], missPolicy: 'redirect' },
  })
  const sluice = await (await sluicePeer(env)).start(join(bench.dir, 'sluice'))
  const nobody = { repository: REPOSITORY, authorize: () => Promise.resolve({}) }
  const direct: Way = { name: 'the upstream itself', url: upstream.url, ...nobody }
  const cacheOf = (name: string): Way => {
    const repository = `${name}/${REPOSITORY}`
    const authorize = () => sluice.authorize(`repository:${repository}:pull`)
    return { name: 'Sluice', url: sluice.url, repository, authorize }
  }
  const ours = cacheOf(UPSTREAM)
  const theirs: Way = { name: 'distribution 3.1.1 as proxy', url: proxy.url, ...nobody }
  try {
    const ways = [ours, theirs, direct] as const
    const put = (tag: string, bytes: number): Promise<string> => putLayer(upstream.url, tag, bytes)
    const farWays = [
      cacheOf(FAR_UPSTREAM),
      { ...theirs, url: farProxy.url },
      { ...direct, url: farUpstream },
    ] as const
    for (let round = 0; round < WARM_UPS; round++) {
      const tag = `warm-up-${round}`
      const digest = await put(tag, MB)
      for (const way of [...ways, ...farWays]) await onePull(way, tag, digest, MB)
    }
    return [
      await cached(bench, ways, await put('cached', cachedMb * MB), cachedMb),
      await pullCold(bench, ways, put, {
        title: 'Pull-through, cold',
        tag: 'cold',
        sizes,
        rounds,
        notes: [
          `SHA-256 alone, of what lies in memory, takes ${figure(hashTime(GB))} ms for 1 GB in one thread`,
        ],
      }),
      await pullCold(bench, farWays, put, {
        title: `Pull-through, cold, ${FAR_WORDS}`,
        tag: 'far',
        sizes,
        rounds: bench.quick ? 1 : 3,
        notes: [],
      }),
      await pullRedirected(bench, sluice, redirecting, {
        name: REDIRECTING,
        rounds: bench.quick ? 3 : 9,
      }),
      await pullRedirected(bench, sluice, farRedirecting, {
        name: FAR_REDIRECTING,
        rounds: 3,
        special: `, ${FAR_WORDS}`,
      }),
    ]
  } finally {
    await sluice.stop()
    await proxy.close()
    await upstream.close()
    await redirecting.close()
    await farProxy.close()
    for (const line of lines) await line.close()
    await farRedirecting.close()
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

const add = <T>(to: Map<Way, T[]>, way: Way, value: T): void =>
  void to.set(way, [...(to.get(way) ?? []), value])

async function cached(
  bench: Bench,
  [ours, theirs, direct]: readonly [Way, Way, Way],
  digest: string,
  megabytes: number,
): Promise<Table> {
  const [rounds, seconds] = bench.quick ? [1, 2] : [3, 10]
  const loads = new Map<Way, Load[]>()
  const paced: Load[] = []
  const pause = join(bench.dir, 'pause.lua')
  writeFileSync(pause, PAUSE)
  const times = new Map<Way, number[]>()
  for (const way of [ours, theirs]) await onePull(way, 'cached', digest, megabytes * MB)
  for (let round = -1; round < rounds; round++) {
    for (const way of rotated([ours, theirs], round + 1)) {
      const headers = { ...(await way.authorize()), accept: OCI_MANIFEST }
      const base = `${way.url}/v2/${way.repository}`
      const ask = async (script?: string): Promise<Load> => {
        const length = round < 0 ? 3 : seconds
        const load = await wrk(`${base}/manifests/cached`, headers, length, script)
        if (load.errors > 0) throw new Error(`${way.name}: ${load.errors} requests failed`)
        return load
      }
      const load = await ask()
      if (round < 0) continue
      add(loads, way, load)
      if (way === ours) paced.push(await ask(pause))
      for (let read = 0; read < CACHED_READS; read++) {
        add(times, way, await curlGet(`${base}/blobs/${digest}`, megabytes * MB, headers))
      }
      bench.say(`${way.name}: ${figure(load.perSecond)} manifests/s, p99 ${load.p99} ms`)
    }
  }
  const of = (way: Way, pick: keyof Load): number =>
    median((loads.get(way) ?? []).map((load) => load[pick]))
  const pacedOf = (pick: keyof Load): number => median(paced.map((load) => load[pick]))
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
      [
        `the same, Sluice at ${figure(pacedOf('perSecond'))}/s, ${ratio(pacedOf('perSecond'), of(theirs, 'perSecond'))} of the proxy's most`,
        `${figure(pacedOf('p99'))} ms`,
        `${figure(of(theirs, 'p99'))} ms`,
        ratio(pacedOf('p99'), of(theirs, 'p99')),
      ],
      row(`blob of ${megabytes} MB`, 'MB/s', speed),
    ],
    notes: [
      `\`wrk -t1 -c32 -d${seconds}s\`, median of ${rounds} runs, interleaved; ${direct.name} on the same machine; Sluice with a Bearer token, the proxy anonymous`,
      'wanted: 20x the requests per second, a twentieth of the p99, 1x for the blob',
    ],
  }
}

/** Milliseconds. */
function hashTime(size: number): number {
  const piece = Buffer.alloc(64 * 1024, 7)
  const hash = createHash('sha256')
  const began = performance.now()
  for (let done = 0; done < size; done += piece.byteLength) hash.update(piece)
  hash.digest()
  return performance.now() - began
}
