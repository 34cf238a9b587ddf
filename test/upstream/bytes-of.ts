import type { UpstreamBlob } from '@sluice/core/ports/upstream'

/** All that a blob's transfer gives; nothing of no blob. */
export async function bytesOf(blob: UpstreamBlob | undefined): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of blob?.bytes ?? []) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces)
}
