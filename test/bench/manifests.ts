/** How many manifests a second, and how late the slowest: what a cluster asks most often. */
import { expectStatus } from './http-exchange.ts'
import { digestOf, IMAGE_MANIFEST, randomImage } from './image.ts'
import { median } from './median.ts'
import { BASELINE, type RunningPeer } from './peers/peer.ts'
import { pushImage, scopeOf } from './push-image.ts'
import { figure, ratio, type Table } from './report.ts'
import { rotated } from './rotated.ts'
import { startPeers, stopAll, type Bench } from './start-peers.ts'
import { wrk, type Load } from './wrk.ts'

const REPOSITORY = 'default/bench'
const TAG = 'latest'

export async function manifests(bench: Bench): Promise<Table[]> {
  const [rounds, seconds, warmUp] = bench.quick ? [1, 2, 1] : [3, 10, 3]
  const image = randomImage(5, 4096)
  const references = { 'by tag': TAG, 'by digest': digestOf(image.manifest) }
  const loads = new Map<string, Load[]>()
  const servers = await startPeers(bench)
  try {
    for (const server of servers) {
      await pushImage(server, REPOSITORY, TAG, image, await server.authorize(scopeOf(REPOSITORY)))
    }
    for (let round = -1; round < rounds; round++) {
      for (const [kind, reference] of Object.entries(references)) {
        for (const server of rotated(servers, round + 1)) {
          const load = await measure(
            server,
            reference,
            image.manifest,
            round < 0 ? warmUp : seconds,
          )
          bench.say(`${server.peer.name} ${kind}: ${figure(load.perSecond)}/s, p99 ${load.p99} ms`)
          const key = `${kind} ${server.peer.id}`
          if (round >= 0) loads.set(key, [...(loads.get(key) ?? []), load])
        }
      }
    }
  } finally {
    await stopAll(servers)
  }
  const rows = Object.keys(references).flatMap((kind) => {
    const of = (id: string, pick: keyof Load): number =>
      median((loads.get(`${kind} ${id}`) ?? []).map((load) => load[pick]))
    return servers.map(({ peer: { id, name } }) => [
      kind,
      name,
      figure(of(id, 'perSecond')),
      figure(of(id, 'p50')),
      figure(of(id, 'p99')),
      validity(loads.get(`${kind} ${id}`) ?? []),
      ratio(of(id, 'perSecond'), of(BASELINE, 'perSecond')),
      ratio(of(id, 'p99'), of(BASELINE, 'p99')),
    ])
  })
  return [
    {
      title: 'Manifest GET, 32 connections',
      head: ['', '', 'requests/s', 'p50 ms', 'p99 ms', 'errors', 'requests/s ratio', 'p99 ratio'],
      rows,
      notes: [
        `\`wrk -t1 -c32 -d${seconds}s\`, an image manifest of ${image.manifest.length} bytes (config and 5 layers), median of ${rounds} runs, interleaved, after ${warmUp} s of warm-up; Sluice with a Bearer token, the peers anonymous`,
        'wanted: 4x the requests per second of distribution 3.1.1, at a lower p99',
      ],
    },
  ]
}

const validity = (loads: readonly Load[]): string => {
  const errors = loads.reduce((sum, load) => sum + load.errors, 0)
  return errors === 0 ? '0' : `${errors}: **invalid**`
}

/** A wrong answer that comes fast must not count: the bytes are compared first. */
async function measure(
  server: RunningPeer,
  reference: string,
  manifest: Buffer,
  seconds: number,
): Promise<Load> {
  const url = `${server.url}/v2/${REPOSITORY}/manifests/${reference}`
  const granted = await server.authorize(`repository:${REPOSITORY}:pull`)
  const headers = { ...granted, accept: IMAGE_MANIFEST }
  const { body } = await expectStatus(200, 'GET', url, { headers })
  if (!body.equals(manifest)) throw new Error(`${server.peer.name} answers another manifest`)
  return wrk(url, headers, seconds)
}
