/** Bytes without a disk: the keystream of AES in counter mode, faster than any registry takes it. */
import { createCipheriv, createHash, randomBytes, type Hash } from 'node:crypto'
import { Readable } from 'node:stream'

const CHUNK = Buffer.alloc(256 * 1024)

export class Keystream {
  readonly size: number
  readonly stream: Readable
  readonly #hash: Hash = createHash('sha256')

  constructor(size: number) {
    this.size = size
    const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16))
    const hash = this.#hash
    this.stream = Readable.from(
      (function* () {
        for (let left = size; left > 0; left -= CHUNK.length) {
          const chunk = cipher.update(CHUNK.subarray(0, Math.min(left, CHUNK.length)))
          hash.update(chunk)
          yield chunk
        }
      })(),
      { objectMode: false, highWaterMark: CHUNK.length },
    )
  }

  /** To be asked once, after the stream has ended. */
  digest(): string {
    return `sha256:${this.#hash.digest('hex')}`
  }
}
