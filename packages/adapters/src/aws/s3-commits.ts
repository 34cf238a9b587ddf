/** How an upload to S3 ends: as its object, or not at all. */
import { StorageError } from '@sluice/core/ports/storage-error'
import { crc32Text } from './crc32.ts'
import type { PartBuffers } from './part-buffers.ts'
import { s3Error } from './s3-error.ts'
import type { ListedPart, S3Multiparts } from './s3-multiparts.ts'
import type { S3Objects } from './s3-objects.ts'
import type { S3Tails } from './s3-tails.ts'
import { expectedOf, withPart } from './s3-upload-state.ts'
import type { Expected, Multipart, Part, Tail, UploadState } from './s3-upload-state.ts'
import { uploadGone } from './upload-gone.ts'

export class S3Commits {
  readonly #objects: S3Objects
  readonly #multiparts: S3Multiparts
  readonly #tails: S3Tails
  readonly #buffers: PartBuffers

  constructor(objects: S3Objects, multiparts: S3Multiparts, tails: S3Tails, buffers: PartBuffers) {
    this.#objects = objects
    this.#multiparts = multiparts
    this.#tails = tails
    this.#buffers = buffers
  }

  async commit(state: UploadState): Promise<void> {
    if (state.multipart) await this.complete(state, state.multipart)
    else if (state.tail) await this.#putWhole(state, state.tail)
    else await this.#objects.put(state.key, new Uint8Array(), state.id)
    // The object is there: what could not be tidied up is left to `listUploads`.
    await this.#tidy(state).catch(() => undefined)
  }

  async abort({ key, multipart }: UploadState): Promise<void> {
    await Promise.all([this.#tails.deleteAll(key), this.#abortMultiparts(key, multipart?.uploadId)])
  }

  async complete({ key, tail }: UploadState, multipart: Multipart): Promise<void> {
    const { uploadId } = multipart
    const whole = expectedOf(tail ? withPart(multipart, { ...tail, etag: '' }) : multipart)
    const listed = await this.#multiparts.parts(key, uploadId)
    const parts: Part[] | undefined = listed && ownParts(multipart, listed)
    const rest = parts && tail ? await this.#tailAsPart(key, multipart, tail) : undefined
    if (!parts || (tail && !rest)) {
      await this.#mustBeThere(key, whole)
      return
    }
    try {
      await this.#multiparts.complete(key, uploadId, rest ? [...parts, rest] : parts)
    } catch (error) {
      if (await this.#objects.isThereAfter(error, key, whole)) return
      throw s3Error('complete an upload', error)
    }
  }

  /** All bytes are in the tail. */
  async #putWhole({ key }: UploadState, tail: Tail): Promise<void> {
    const { name, size, crc } = tail
    const buffer = this.#buffers.take()
    try {
      if (await this.#tails.read(key, tail, buffer)) {
        await this.#objects.put(key, buffer.subarray(0, size), name)
      } else {
        await this.#mustBeThere(key, { mark: name, size, checksum: crc32Text(crc) })
      }
    } finally {
      this.#buffers.give(buffer)
    }
  }

  /** `undefined` where the tail is gone: another commit of the same state may have been faster. */
  async #tailAsPart(
    key: string,
    { uploadId, parts }: Multipart,
    tail: Tail,
  ): Promise<Part | undefined> {
    const buffer = this.#buffers.take()
    try {
      if (!(await this.#tails.read(key, tail, buffer))) return undefined
      const bytes = buffer.subarray(0, tail.size)
      return await this.#multiparts.put(key, uploadId, parts + 1, bytes)
    } finally {
      this.#buffers.give(buffer)
    }
  }

  async #mustBeThere(key: string, expected: Expected): Promise<void> {
    if (!(await this.#objects.isThere(key, expected))) throw uploadGone()
  }

  /**
   * Tails that this and others' appends have left. A multipart upload that another began is looked for only where this
   * one had one, since that costs a request: it is left to `listUploads` and to the bucket's own rule.
   */
  async #tidy({ key, multipart }: UploadState): Promise<void> {
    const tails = this.#tails.deleteAll(key)
    await Promise.all(multipart ? [tails, this.#abortMultiparts(key, undefined)] : [tails])
  }

  async #abortMultiparts(key: string, known: string | undefined): Promise<void> {
    const uploads = await this.#multiparts.ofKey(key)
    const uploadIds = new Set(uploads.map(({ uploadId }) => uploadId))
    if (known !== undefined) uploadIds.add(known)
    await Promise.all([...uploadIds].map((uploadId) => this.#multiparts.abort(key, uploadId)))
  }
}

/** The parts that the state counts; others, of appends that failed, are no part of the object. */
function ownParts(multipart: Multipart, listed: readonly ListedPart[]): Part[] {
  const own = listed.filter(({ number }, at) => at < multipart.parts && number === at + 1)
  const none = { ...multipart, parts: 0, size: 0, chain: '', crc: 0 }
  const sum = own.reduce<Multipart>(withPart, none)
  if (sum.parts === multipart.parts && sum.chain === multipart.chain) return own
  throw new StorageError(
    'unavailable',
    'another writer has replaced parts of the upload: its bytes are not what was acknowledged',
    undefined,
  )
}
