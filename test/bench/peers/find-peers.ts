import { requireTools, toolPath } from '../../tools/require-tools.ts'
import { distributionPeer } from './distribution-peer.ts'
import type { Peer } from './peer.ts'
import { sluicePeer } from './sluice-peer.ts'

/** Ours first, then the one that all ratios are against, then Debian's beside it. */
export async function findPeers(): Promise<readonly Peer[]> {
  await requireTools(['registry', 'docker-registry'])
  return [
    await sluicePeer(),
    await distributionPeer('distribution-3', toolPath('registry')),
    await distributionPeer('distribution-2', toolPath('docker-registry')),
  ]
}
