/** All pieces of an object in one buffer of their own; for what is small, such as a manifest. */
import type { Pieces } from '../ports/blob-store.ts'

export async function whole(pieces: Pieces): Promise<Uint8Array> {
  const copies: Uint8Array[] = []
  for await (const piece of pieces) copies.push(new Uint8Array(piece))
  return Buffer.concat(copies)
}
