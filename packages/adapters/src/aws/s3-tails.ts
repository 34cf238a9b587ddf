/**
 * What an append leaves below the least size of a part, as objects `uploads/<key>/<name>`. Each append puts its own under
 * a name of its own, so two appends to one state never share one.
 */
import { StorageError } from '@sluice/core/ports/storage-error'
import { UPLOADS } from '../shared/object-key.ts'
import { crc32 } from './crc32.ts'
import { s3Error } from './s3-error.ts'
import type { S3Objects } from './s3-objects.ts'
import { newToken, type Tail } from './s3-upload-state.ts'

const PREFIX = `${UPLOADS}/`

/** Behind every tail, and before whatever else may be. */
export const AFTER_TAILS = `${PREFIX}~`

export const isTail = (key: string): boolean => key.startsWith(PREFIX)

export class S3Tails {
  readonly #objects: S3Objects

  constructor(objects: S3Objects) {
    this.#objects = objects
  }

  async put(key: string, bytes: Uint8Array): Promise<Tail> {
    const name = newToken()
    await this.#objects.put(`${PREFIX}${key}/${name}`, bytes, name)
    return { name, size: bytes.byteLength, crc: crc32(bytes) }
  }

  /** Writes the tail to the front of the buffer; `false` where it is gone. */
  async read(key: string, tail: Tail, buffer: Buffer): Promise<boolean> {
    const found = await this.#objects.get(`${PREFIX}${key}/${tail.name}`)
    if (!found) return false
    let size = 0
    try {
      const pieces: AsyncIterable<Buffer> = found.stream
      for await (const piece of pieces) size += piece.copy(buffer, size)
    } catch (error) {
      throw s3Error('give a tail', error)
    }
    if (size === tail.size && crc32(buffer.subarray(0, size)) === tail.crc) return true
    throw new StorageError('unavailable', 'S3 gives a tail that is not what was put', undefined)
  }

  /** Absence is success. */
  async delete(key: string, name: string): Promise<void> {
    await this.#objects.delete(`${PREFIX}${key}/${name}`)
  }

  async deleteAll(key: string): Promise<void> {
    const keys: string[] = []
    for await (const tail of this.#objects.all(`${PREFIX}${key}/`)) keys.push(tail.key)
    await this.#objects.deleteAll(keys)
  }

  /** With the key of the object that each was to be part of. */
  async *all(): AsyncGenerator<{ readonly key: string; readonly modifiedAt: number }> {
    for await (const { key, modifiedAt } of this.#objects.all(PREFIX)) {
      yield { key: key.slice(PREFIX.length, key.lastIndexOf('/')), modifiedAt }
    }
  }
}
