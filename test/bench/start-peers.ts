import { join } from 'node:path'
import type { Peer, RunningPeer } from './peers/peer.ts'

/** What a part needs to know. */
export interface Bench {
  readonly peers: readonly Peer[]
  /** An empty directory on the disk under test; removed after the part. */
  readonly dir: string
  readonly quick: boolean
  readonly scalePeers: boolean
  /** Says on standard error what is being done. */
  readonly say: (text: string) => void
}

export const stopAll = async (servers: readonly RunningPeer[]): Promise<void> => {
  await Promise.all(servers.map((server) => server.stop()))
}

/** Starts every peer, each on a new directory. When one fails the others are stopped again. */
export async function startPeers(bench: Bench, peers = bench.peers): Promise<RunningPeer[]> {
  const servers: RunningPeer[] = []
  try {
    for (const peer of peers) servers.push(await peer.start(join(bench.dir, peer.id)))
    return servers
  } catch (error) {
    await stopAll(servers)
    throw error
  }
}
