/** Bytes that no registry has yet, of any size, without holding them. */
import { createHash, randomBytes } from 'node:crypto'
import type { Body } from './exchange.ts'

const PIECE = 1024 * 1024

export interface HashedBody extends Body {
  /** Of what has been sent by then. */
  digest(): string
}

export function randomBody(bytes: number): HashedBody {
  const block = randomBytes(Math.min(PIECE, bytes))
  const hash = createHash('sha256')
  function* pieces(): Generator<Uint8Array> {
    for (let left = bytes; left > 0; left -= PIECE) {
      const piece = block.subarray(0, Math.min(PIECE, left))
      hash.update(piece)
      yield piece
    }
  }
  return { bytes, pieces: pieces(), digest: () => `sha256:${hash.copy().digest('hex')}` }
}
