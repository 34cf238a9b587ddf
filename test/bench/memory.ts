/** What large layers cost in memory while they pass through. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { requireSpace } from './disk-space.ts'
import { randomImage } from './image.ts'
import type { Peer, RunningPeer } from './peers/peer.ts'
import { forgetPeak, peakMemory, residentMemory } from './process-memory.ts'
import { pushImage, scopeOf } from './push-image.ts'
import { figure, type Table } from './report.ts'
import type { Bench } from './start-peers.ts'
import { streamIn, streamOut } from './stream-layer.ts'

const REPOSITORY = 'default/bench'
const LAYERS = 8
const SAMPLE_MS = 50

export async function memory(bench: Bench): Promise<Table[]> {
  const megabytes = bench.quick ? 50 : 1000
  requireSpace(bench.dir, megabytes * 1e6 * 1.5 * LAYERS)
  const rows: string[][] = []
  for (const peer of bench.peers) {
    const { idle, phases, after } = await measure(peer, bench, megabytes * 1e6)
    const most = Math.max(...phases.map(({ peak }) => peak))
    rows.push([
      peer.name,
      figure(idle),
      ...phases.map(({ sampled, peak }) => `${figure(sampled)} (${figure(peak)})`),
      figure(after),
      figure(most - idle),
    ])
    bench.say((rows.at(-1) ?? []).join('; '))
  }
  const half = LAYERS / 2
  return [
    {
      title: `Resident memory, MB, while layers of ${megabytes} MB pass through`,
      head: [
        '',
        'idle',
        `${LAYERS} in`,
        `${LAYERS} out`,
        `${half} in and ${half} out`,
        '2 s after',
        'most above idle',
      ],
      rows,
      notes: [
        `highest VmRSS seen every ${SAMPLE_MS} ms, in brackets VmHWM, the peak that the kernel kept; all worker processes together; idle is after a small push`,
        'wanted: less than 200 MB above idle',
      ],
    },
  ]
}

const many = (count: number, one: () => Promise<unknown>): Promise<unknown>[] =>
  Array.from({ length: count }, one)

interface Phase {
  readonly sampled: number
  readonly peak: number
}

interface Memory {
  readonly idle: number
  readonly phases: readonly Phase[]
  readonly after: number
}

async function measure(peer: Peer, bench: Bench, bytes: number): Promise<Memory> {
  const dir = join(bench.dir, peer.id)
  const server = await peer.start(dir)
  try {
    const headers = await server.authorize(scopeOf(REPOSITORY))
    await pushImage(server, REPOSITORY, 'small', randomImage(1, 4096), headers)
    await sleep(2000)
    const idle = residentMemory(server.pid)
    const digests: string[] = []
    const push = async (): Promise<void> =>
      void digests.push(await streamIn(server, REPOSITORY, bytes))
    let next = 0
    const pull = (): Promise<void> =>
      streamOut(server, REPOSITORY, digests[next++ % LAYERS] ?? '', bytes)
    const phases = [
      await during(server, many(LAYERS, push)),
      await during(server, many(LAYERS, pull)),
      await during(server, [...many(LAYERS / 2, push), ...many(LAYERS / 2, pull)]),
    ]
    await sleep(2000)
    return { idle, phases, after: residentMemory(server.pid) }
  } finally {
    await server.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Watches the server until all are done. */
async function during(server: RunningPeer, work: readonly Promise<unknown>[]): Promise<Phase> {
  forgetPeak(server.pid)
  let sampled = residentMemory(server.pid)
  const sampling = setInterval(() => {
    sampled = Math.max(sampled, residentMemory(server.pid))
  }, SAMPLE_MS)
  try {
    await Promise.all(work)
  } finally {
    clearInterval(sampling)
  }
  return { sampled, peak: peakMemory(server.pid) }
}
