/** Pulls what was acknowledged, and compares every byte. */
import { digestOf } from '@sluice/core/digest'
import type { BereftClient } from './bereft-client.ts'
import { Violation, violation } from './struck-requests.ts'

export async function pullBlob(
  client: BereftClient,
  repository: string,
  bytes: Buffer,
): Promise<void> {
  const path = `/v2/${repository}/blobs/${digestOf('sha256', bytes)}`
  const answer = await client.send('GET blob', { path }, 307)
  const found = await fetch(answer.headers['location'] ?? '')
  const body = Buffer.from(await found.arrayBuffer())
  if (found.status === 200 && body.equals(bytes)) return
  throw new Violation(`GET ${path}: ${found.status} and ${body.byteLength} bytes at its URL`)
}

/** The tag must lead to one of these. */
export async function pullManifest(
  client: BereftClient,
  repository: string,
  tag: string,
  ...candidates: readonly Buffer[]
): Promise<void> {
  const path = `/v2/${repository}/manifests/${tag}`
  const answer = await client.send('GET manifest', { path }, 200)
  if (!candidates.some((bytes) => bytes.equals(answer.body))) throw violation(path, answer)
}
