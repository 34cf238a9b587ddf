import type { Readable } from 'node:stream'

/** The first `most` bytes; what comes after them is left on the stream. Rejects when the stream breaks off. */
export async function readAtMost(stream: Readable, most: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of stream.iterator({ destroyOnReturn: false })) {
    pieces.push(piece as Buffer)
    bytes += (piece as Buffer).byteLength
    if (bytes >= most) break
  }
  return Buffer.concat(pieces).subarray(0, most)
}
