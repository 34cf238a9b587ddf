/** Whether a registry with 100,000 tags and 100,000 repositories answers like an empty one. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PAGE } from './everyday-requests.ts'
import { FilledRegistry } from './filled-registry.ts'
import type { Peer, RunningPeer } from './peers/peer.ts'
import { figure, ratio, type Table } from './report.ts'
import { rotated } from './rotated.ts'
import { runProgram } from './run-program.ts'
import { stopAll, type Bench } from './start-peers.ts'

/** Requests that fill the small registry, with the same few names over and over. */
const SMALL_REQUESTS = 3000
const MEASURE_SECONDS = 120

export async function scale(bench: Bench): Promise<Table[]> {
  const peers = bench.peers.filter(({ id }) => id === 'sluice' || bench.scalePeers)
  const tables: Table[] = []
  for (const peer of peers) tables.push(await measure(peer, bench))
  if (tables.length === 0) throw new Error('Sluice is not running; --scale-peers fills the others')
  return tables
}

async function measure(peer: Peer, bench: Bench): Promise<Table> {
  const [count, rounds, warmUp] = bench.quick ? [2000, 20, 2] : [100_000, 200, 15]
  const servers: RunningPeer[] = []
  const filled = async (name: string, distinct: number, total: number): Promise<FilledRegistry> => {
    const server = await peer.start(join(bench.dir, `${peer.id}-${name}`))
    servers.push(server)
    const registry = await FilledRegistry.fill(server, distinct, total)
    bench.say(`${peer.name}: ${registry.size}, filled in ${registry.seconds.toFixed(0)} s`)
    return registry
  }
  try {
    const small = await filled('small', PAGE, Math.min(count, SMALL_REQUESTS))
    const large = await filled('large', count, count)
    await runProgram('sync', [], 120)
    await sleep(2000)
    for (const registry of [small, large]) await registry.warmUp(warmUp)
    return table(peer, small, large, await inTurns([small, large], rounds))
  } finally {
    await stopAll(servers)
  }
}

/** Returns how many rounds there were before the time was up. */
async function inTurns(registries: readonly FilledRegistry[], rounds: number): Promise<number> {
  const until = performance.now() + MEASURE_SECONDS * 1000
  for (let round = 0; round < rounds; round++) {
    if (performance.now() > until) return round
    for (const registry of rotated(registries, round)) await registry.measure()
  }
  return rounds
}

function table(peer: Peer, small: FilledRegistry, large: FilledRegistry, rounds: number): Table {
  const failures = new Map([...small.failures, ...large.failures])
  const rows = large.names.map((name) => {
    const [empty, full] = [small.latency(name), large.latency(name)]
    return [
      name,
      `${figure(empty)} ms`,
      `${figure(full)} ms`,
      failures.has(name) ? '**invalid**' : ratio(full, empty),
    ]
  })
  return {
    title: `${peer.name}: full against empty`,
    head: ['', small.size, large.size, 'ratio'],
    rows,
    notes: [
      `median of ${rounds} rounds, the two registries taking turns after a warm-up of the same length; pages of n=${PAGE}: the empty registry holds just enough to fill one, and it stands for both pages; push is a new image of two blobs into the repository with the tags, pull is the tag in the middle with both blobs`,
      'wanted: 1.5x at most',
      ...[...failures].map(([name, why]) => `invalid: ${name}: ${why}`),
    ],
  }
}
