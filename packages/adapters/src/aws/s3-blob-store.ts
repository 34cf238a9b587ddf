/**
 * Blobs in one bucket.
 *
 *     <key>                    an object; its metadata say which upload it was
 *     <key> (multipart)        an upload of more than a part: what S3 has of it before it is complete
 *     uploads/<key>/<random>   what an append has left below the least size of a part (s3-tails.ts)
 *
 * An upload is a multipart upload, begun when there is a part to send, and a tail; both are named by its state, never
 * found by asking S3. Nothing is ever replaced but parts that no state counts, and a commit finds out when one was.
 */
import type { S3Client } from '@aws-sdk/client-s3'
import type {
  BlobStore,
  ByteRange,
  Pieces,
  Source,
  StoredObject,
} from '@sluice/core/ports/blob-store'
import type { Value } from '@sluice/core/ports/table'
import { checkObjectKey } from '../shared/object-key.ts'
import { listS3Uploads } from './list-s3-uploads.ts'
import { parseUploadState } from './parse-upload-state.ts'
import { PresignedLinks, type Link } from './presigned-links.ts'
import { resumingPieces } from './resuming-pieces.ts'
import { PartBuffers } from './part-buffers.ts'
import { S3Commits } from './s3-commits.ts'
import { S3Multiparts } from './s3-multiparts.ts'
import { S3Objects } from './s3-objects.ts'
import { AFTER_TAILS, isTail, S3Tails } from './s3-tails.ts'
import { newUpload, stateValue } from './s3-upload-state.ts'
import { S3Uploads } from './s3-uploads.ts'

export class S3BlobStore implements BlobStore {
  readonly #objects: S3Objects
  readonly #multiparts: S3Multiparts
  readonly #tails: S3Tails
  readonly #uploads: S3Uploads
  readonly #commits: S3Commits
  readonly #links: PresignedLinks

  /** The client is made with `s3ClientSettings`. */
  constructor(client: S3Client, bucket: string) {
    this.#objects = new S3Objects(client, bucket)
    this.#multiparts = new S3Multiparts(client, bucket)
    this.#tails = new S3Tails(this.#objects)
    const rooms = [this.#objects, this.#multiparts, this.#tails, new PartBuffers()] as const
    this.#commits = new S3Commits(...rooms)
    this.#uploads = new S3Uploads(...rooms, this.#commits)
    this.#links = new PresignedLinks(client, bucket)
  }

  async open(key: string): Promise<Value> {
    checkObjectKey(key)
    return stateValue(newUpload(key))
  }

  async append(
    state: Value,
    source: Source,
  ): Promise<{ readonly state: Value; readonly size: number }> {
    const after = await this.#uploads.append(parseUploadState(state), source)
    return { state: stateValue(after), size: after.size }
  }

  /** S3 gives out no part before all are one object. */
  async follow(): Promise<undefined> {
    return undefined
  }

  reread(): undefined {
    return undefined
  }

  async commit(state: Value): Promise<void> {
    await this.#commits.commit(parseUploadState(state))
  }

  async abort(state: Value): Promise<void> {
    await this.#commits.abort(parseUploadState(state))
  }

  async write(key: string, source: Source): Promise<{ readonly size: number }> {
    checkObjectKey(key)
    return this.#uploads.write(key, source)
  }

  /** One request, when it is called. What is never read keeps its connection until `socketTimeout`. */
  async read(key: string, range?: ByteRange): Promise<Pieces | undefined> {
    checkObjectKey(key)
    if (range && (range.start < 0 || range.end < range.start)) {
      throw new RangeError(`bytes ${range.start} to ${range.end}`)
    }
    const body = await this.#objects.get(key, range)
    if (!body) return undefined
    const start = range?.start ?? 0
    return resumingPieces(
      body.stream,
      body.size,
      async (offset) =>
        (await this.#objects.get(key, { start: start + offset, end: range?.end }))?.stream,
    )
  }

  async stat(key: string): Promise<{ readonly size: number } | undefined> {
    checkObjectKey(key)
    return this.#objects.stat(key)
  }

  async link(key: string, link: Link): Promise<URL> {
    checkObjectKey(key)
    return this.#links.link(key, link)
  }

  async delete(key: string): Promise<void> {
    checkObjectKey(key)
    await this.#objects.delete(key)
  }

  /** A page may have fewer objects than it could, or none, where others follow. */
  async list(page: {
    readonly after?: string
    readonly limit: number
  }): Promise<{ readonly objects: readonly StoredObject[]; readonly next?: string }> {
    const { objects, more } = await this.#objects.list(page)
    const last = objects.at(-1)?.key
    return {
      objects: objects.filter(({ key }) => !isTail(key)),
      ...(more && last !== undefined && { next: isTail(last) ? AFTER_TAILS : last }),
    }
  }

  async listUploads(
    before: number,
  ): Promise<readonly { readonly state: Value; readonly key: string }[]> {
    const keys = await listS3Uploads(this.#multiparts, this.#tails, before)
    return keys.map((key) => ({ state: stateValue(newUpload(key)), key }))
  }
}
