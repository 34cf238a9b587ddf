/** A blob as large as one likes, of which any part is made again when it is wanted: every mebibyte is the same but for its number. */
import { createHash, randomBytes } from 'node:crypto'
import { parseDigest, type Digest } from '@sluice/core/digest'

const BLOCK = 1024 * 1024

export class PatternBlob {
  readonly size: number
  readonly digest: Digest
  readonly #block = randomBytes(BLOCK)

  constructor(size: number) {
    this.size = size
    const hash = createHash('sha256')
    for (let at = 0; at < size; at += BLOCK) hash.update(this.piece(at, BLOCK))
    this.digest = parseDigest(`sha256:${hash.digest('hex')}`)
  }

  /** At most `most` bytes from `start` on, at most to the end of their mebibyte. They last until the next call. */
  piece(start: number, most: number): Buffer {
    const block = Math.floor(start / BLOCK)
    this.#block.writeUInt32LE(block, 0)
    const from = start - block * BLOCK
    const length = Math.min(most, BLOCK - from, this.size - start)
    return this.#block.subarray(from, from + length)
  }

  /** Whether these are its bytes from `start` on. */
  holds(start: number, bytes: Buffer): boolean {
    for (let at = 0; at < bytes.byteLength;) {
      const expected = this.piece(start + at, bytes.byteLength - at)
      if (expected.byteLength === 0) return false
      if (!expected.equals(bytes.subarray(at, at + expected.byteLength))) return false
      at += expected.byteLength
    }
    return true
  }
}
