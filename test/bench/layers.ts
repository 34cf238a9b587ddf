/** How fast a large layer goes in, alone and four at a time, and comes out again. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { curlGet } from './curl.ts'
import { requireSpace } from './disk-space.ts'
import { fsyncsDuring } from './fsyncs.ts'
import { median } from './median.ts'
import { BASELINE, type Peer } from './peers/peer.ts'
import { pushLayer } from './push-layer.ts'
import { scopeOf } from './push-image.ts'
import { RandomLayer } from './random-layer.ts'
import { figure, ratio, type Table } from './report.ts'
import { rotated } from './rotated.ts'
import { runProgram } from './run-program.ts'
import type { Bench } from './start-peers.ts'
import { Times } from './times.ts'

const REPOSITORY = 'default/bench'
const PARALLEL = 4
const READS = 3

const ROWS = ['push one', `push ${PARALLEL} in parallel, in sum`, 'GET'] as const
type Row = (typeof ROWS)[number]

interface Fresh {
  readonly layer: RandomLayer
  readonly digest: string
}

export async function layers(bench: Bench): Promise<Table[]> {
  const [rounds, megabytes] = bench.quick ? [1, 50] : [5, 500]
  const bytes = megabytes * 1e6
  requireSpace(bench.dir, bytes * (2 * PARALLEL + 4))
  const files: RandomLayer[] = []
  for (let n = 0; n <= PARALLEL; n++) {
    files.push(await RandomLayer.create(join(bench.dir, `layer-${n}`), bytes))
  }
  const small = await RandomLayer.create(join(bench.dir, 'layer-small'), bytes / 20)
  const times = new Times()
  const synced = new Map<Peer, string>()
  for (let round = 0; round < rounds; round++) {
    const fresh: Fresh[] = []
    for (const layer of files) fresh.push({ layer, digest: await layer.freshen() })
    for (const peer of rotated(bench.peers, round)) {
      const warmUp = { layer: small, digest: await small.freshen() }
      const calls = await measure(peer, bench, fresh, warmUp, times, round === 0)
      if (calls !== undefined) synced.set(peer, calls)
      const said = ROWS.map((row) => `${row} ${times.all(row, peer).at(-1)?.toFixed(2)} s`)
      bench.say(`${peer.name}: ${said.join(', ')}`)
    }
  }
  const base = bench.peers.find(({ id }) => id === BASELINE)
  const speed = (row: Row, peer: Peer): number =>
    (megabytes * (row === ROWS[1] ? PARALLEL : 1)) / median(times.all(row, peer))
  const rows = ROWS.map((row) => [
    row,
    ...bench.peers.map((peer) => `${figure(speed(row, peer))} MB/s`),
    ...bench.peers.map((peer) => ratio(speed(row, peer), base && speed(row, base))),
  ])
  const names = bench.peers.map(({ name }) => name)
  return [
    {
      title: `Layers of ${megabytes} MB`,
      head: ['', ...names, ...names.map((name) => `${name}: ratio`)],
      rows: [...rows, ['fsync in one push', ...bench.peers.map((peer) => synced.get(peer) ?? '-')]],
      notes: [
        `POST, PATCH with the whole layer, PUT with an empty body; each layer random and new, median of ${rounds} repetitions, interleaved, each on a fresh data directory of the same disk, after a small push and \`sync\`; GET ${READS} times each from a warm page cache; curl as the client`,
        'wanted: 1.1x distribution 3.1.1 for one layer, no slower for four in sum, 1x for GET',
      ],
    },
  ]
}

/** What others left unwritten must not be paid by whoever syncs next. */
const settle = (): Promise<string> => runProgram('sync', [], 120)

/** One repetition of one peer. Returns its fsync calls when they were asked for. */
async function measure(
  peer: Peer,
  bench: Bench,
  [single, ...parallel]: readonly Fresh[],
  warmUp: Fresh,
  times: Times,
  traced: boolean,
): Promise<string | undefined> {
  const dir = join(bench.dir, peer.id)
  const server = await peer.start(dir)
  try {
    const push = async ({ layer, digest }: Fresh): Promise<number> =>
      pushLayer(server, REPOSITORY, layer, digest, await server.authorize(scopeOf(REPOSITORY)))
    const get = async ({ layer, digest }: Fresh): Promise<number> =>
      curlGet(
        `${server.url}/v2/${REPOSITORY}/blobs/${digest}`,
        layer.size,
        await server.authorize(scopeOf(REPOSITORY)),
      )
    await push(warmUp)
    await get(warmUp)
    if (single === undefined) throw new Error('no layer to push')
    await settle()
    times.add(ROWS[0], peer, await push(single))
    await settle()
    const began = performance.now()
    await Promise.all(parallel.map(push))
    times.add(ROWS[1], peer, (performance.now() - began) / 1000)
    await settle()
    await get(single)
    for (let n = 0; n < READS; n++) times.add(ROWS[2], peer, await get(single))
    if (!traced) return undefined
    const another = { layer: warmUp.layer, digest: await warmUp.layer.freshen() }
    return await fsyncsDuring(server.pid, join(bench.dir, 'strace'), () => push(another))
  } finally {
    await server.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}
