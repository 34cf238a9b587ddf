/** A file of random bytes, too big to be made anew for each push: a fresh head makes it another blob. */
import { createHash, randomBytes, randomFillSync } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'

const CHUNK = 1024 * 1024
const HEAD = 64

export class RandomLayer {
  readonly path: string
  readonly size: number

  private constructor(path: string, size: number) {
    this.path = path
    this.size = size
  }

  static async create(path: string, size: number): Promise<RandomLayer> {
    const file = await open(path, 'w')
    const chunk = Buffer.alloc(CHUNK)
    for (let at = 0; at < size; at += CHUNK) {
      await file.write(randomFillSync(chunk), 0, Math.min(CHUNK, size - at))
    }
    await file.close()
    return new RandomLayer(path, size)
  }

  /** Makes it a blob that no registry has seen, and leaves it in the page cache. Returns its digest. */
  async freshen(): Promise<string> {
    const file = await open(this.path, 'r+')
    await file.write(randomBytes(HEAD), 0, HEAD, 0)
    await file.close()
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(this.path, { highWaterMark: CHUNK })) {
      hash.update(chunk)
    }
    return `sha256:${hash.digest('hex')}`
  }
}
