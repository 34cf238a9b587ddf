/**
 * The objects of one bucket. Each is put once under a key that nothing else is ever put under, and has a mark in its
 * metadata: by it a writer whose answer was lost finds out what came of its write.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { StoredObject } from '@sluice/core/ports/blob-store'
import { StorageError } from '@sluice/core/ports/storage-error'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { crc32, crc32Text } from './crc32.ts'
import { mayHaveHappened, onS3, s3Error, statusOf, unlessMissing } from './s3-error.ts'
import type { Expected } from './s3-upload-state.ts'
import { withUnsignedBody } from './unsigned-body.ts'

/** In the metadata of each object. */
export const MARK = 'sluice-mark'

/** S3's own limit, of a page as of a deletion. */
const MOST_KEYS = 1000

/** S3 may answer 409 where two writes of one key meet, even two attempts of one. */
const CONFLICTS = 3
const CONFLICT_PAUSE_MS = 100

export class S3Objects {
  readonly #client: S3Client
  readonly #bucket: string

  constructor(client: S3Client, bucket: string) {
    this.#client = client
    this.#bucket = bucket
  }

  /** Throws where another object is under the key. */
  async put(key: string, bytes: Uint8Array, mark: string): Promise<void> {
    const checksum = crc32Text(crc32(bytes))
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#client.send(withUnsignedBody(this.#putCommand(key, bytes, mark, checksum)))
        return
      } catch (error) {
        if (await this.isThereAfter(error, key, { mark, size: bytes.byteLength, checksum })) return
        if (statusOf(error) !== 409 || attempt === CONFLICTS) throw s3Error('take an object', error)
        await sleep(Math.random() * CONFLICT_PAUSE_MS * attempt)
      }
    }
  }

  #putCommand(key: string, bytes: Uint8Array, mark: string, checksum: string): PutObjectCommand {
    return new PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Body: bytes,
      IfNoneMatch: '*',
      ChecksumCRC32: checksum,
      Metadata: { [MARK]: mark },
    })
  }

  /** Whether the object is what was written, though the write failed. */
  async isThereAfter(error: unknown, key: string, expected: Expected): Promise<boolean> {
    if (!mayHaveHappened(error)) return false
    try {
      return await this.isThere(key, expected)
    } catch {
      // The failure that led here says more than this one.
      return false
    }
  }

  async isThere(key: string, { mark, size, checksum }: Expected): Promise<boolean> {
    const found = await this.#head(key)
    if (found?.Metadata?.[MARK] !== mark || found.ContentLength !== size) return false
    return found.ChecksumCRC32 === undefined || found.ChecksumCRC32 === checksum
  }

  async stat(key: string): Promise<{ readonly size: number } | undefined> {
    const found = await this.#head(key)
    return found && { size: found.ContentLength ?? 0 }
  }

  async #head(key: string) {
    const command = new HeadObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ChecksumMode: 'ENABLED',
    })
    return unlessMissing('say what an object is', this.#client.send(command))
  }

  /** The bytes from `start` to `end`, both included, and how many they are; holds a connection until they end. */
  async get(
    key: string,
    range?: { readonly start: number; readonly end: number | undefined },
  ): Promise<{ readonly stream: Readable; readonly size: number } | undefined> {
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      ...(range && { Range: `bytes=${range.start}-${range.end ?? ''}` }),
    })
    const found = await unlessMissing('give an object', this.#client.send(command))
    if (!found) return undefined
    const { Body: stream, ContentLength: size } = found
    if (stream instanceof Readable && size !== undefined) {
      // A connection that ends before anyone reads would otherwise end the process; a reader hears of it all the same.
      stream.on('error', () => undefined)
      return { stream, size }
    }
    throw new TypeError('an S3 client of Node has to answer with a stream and its length')
  }

  /** Absence is success. */
  async delete(key: string): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.#bucket, Key: key })
    await unlessMissing('delete an object', this.#client.send(command))
  }

  async deleteAll(keys: readonly string[]): Promise<void> {
    for (let at = 0; at < keys.length; at += MOST_KEYS) {
      const Objects = keys.slice(at, at + MOST_KEYS).map((Key) => ({ Key }))
      const command = new DeleteObjectsCommand({
        Bucket: this.#bucket,
        Delete: { Objects, Quiet: true },
      })
      const { Errors = [] } = await onS3('delete objects', this.#client.send(command))
      const [failed] = Errors
      if (failed) throw new StorageError('unavailable', `S3 did not delete ${failed.Key}`, failed)
    }
  }

  /** In the order of the keys' bytes in UTF-8. `more`: whether there are any behind these. */
  async list(page: {
    readonly prefix?: string
    readonly after?: string
    readonly limit?: number
  }): Promise<{ readonly objects: readonly StoredObject[]; readonly more: boolean }> {
    const command = new ListObjectsV2Command({
      Bucket: this.#bucket,
      ...(page.prefix !== undefined && { Prefix: page.prefix }),
      ...(page.after !== undefined && { StartAfter: page.after }),
      MaxKeys: Math.min(page.limit ?? MOST_KEYS, MOST_KEYS),
    })
    const { Contents = [], IsTruncated } = await onS3('list', this.#client.send(command))
    const objects = Contents.map(({ Key = '', Size = 0, LastModified }) => ({
      key: Key,
      size: Size,
      modifiedAt: LastModified?.getTime() ?? 0,
    }))
    return { objects, more: IsTruncated === true }
  }

  async *all(prefix: string): AsyncGenerator<StoredObject> {
    for (let after: string | undefined; ;) {
      const page = await this.list({ prefix, ...(after !== undefined && { after }) })
      yield* page.objects
      after = page.objects.at(-1)?.key
      if (!page.more || after === undefined) return
    }
  }
}
