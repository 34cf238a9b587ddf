import type { Source } from '@sluice/core/ports/blob-store'

const PIECE_BYTES = 64 * 1024

/** Many bytes that cost nothing to make: the letter, over and over, in the pieces of a socket. */
export async function* repeated(letter: string, bytes: number): Source {
  const piece = Buffer.alloc(PIECE_BYTES, letter)
  for (let left = bytes; left > 0; left -= PIECE_BYTES) yield piece.subarray(0, left)
}
