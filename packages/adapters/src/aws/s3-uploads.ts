/** The uploads of an `S3BlobStore` while they grow: parts, and a tail where what is left is too small for one. */
import type { Source } from '@sluice/core/ports/blob-store'
import { cutParts, type Cut } from './cut-parts.ts'
import type { PartBuffers } from './part-buffers.ts'
import { PartSender, refuseBeyond } from './part-sender.ts'
import type { S3Commits } from './s3-commits.ts'
import type { S3Multiparts } from './s3-multiparts.ts'
import type { S3Objects } from './s3-objects.ts'
import { newUpload, type Multipart, type Tail, type UploadState } from './s3-upload-state.ts'
import type { S3Tails } from './s3-tails.ts'
import { uploadGone } from './upload-gone.ts'

/** S3's own limit, for all parts but the last. */
const LEAST_PART_BYTES = 5 * 1024 * 1024

export class S3Uploads {
  readonly #objects: S3Objects
  readonly #multiparts: S3Multiparts
  readonly #tails: S3Tails
  readonly #buffers: PartBuffers
  readonly #commits: S3Commits

  constructor(
    objects: S3Objects,
    multiparts: S3Multiparts,
    tails: S3Tails,
    buffers: PartBuffers,
    commits: S3Commits,
  ) {
    this.#objects = objects
    this.#multiparts = multiparts
    this.#tails = tails
    this.#buffers = buffers
    this.#commits = commits
  }

  async append(from: UploadState, source: Source): Promise<UploadState> {
    const sender = this.#sender(from)
    let superseded: Promise<void> | undefined
    let tail: Tail | undefined
    let empty = true
    const begin = async (buffer: Buffer): Promise<number> => {
      empty = false
      // This state is in use, so the one before is in no record any more, and nobody needs what only that one had.
      if (from.before !== undefined) superseded = this.#forget(from.key, from.before)
      return this.#readTail(from, buffer)
    }
    try {
      for await (const cut of cutParts(source, this.#buffers, begin)) {
        if (cut.last && cut.size < LEAST_PART_BYTES) tail = await this.#putTail(from, sender, cut)
        else await sender.send(cut)
      }
      const multipart = await sender.end()
      return empty ? from : grown(from, multipart, tail)
    } catch (error) {
      await sender.undo()
      throw error
    } finally {
      await superseded
    }
  }

  /** An upload in one go; of up to a part, a single request. */
  async write(key: string, source: Source): Promise<{ readonly size: number }> {
    const upload = newUpload(key)
    const sender = this.#sender(upload)
    let only: Cut | undefined
    try {
      for await (const cut of cutParts(source, this.#buffers, async () => 0)) {
        if (cut.last && sender.parts === 0) only = cut
        else await sender.send(cut)
      }
      const multipart = await sender.end()
      if (multipart) await this.#commits.complete(grown(upload, multipart, undefined), multipart)
      else await this.#objects.put(key, only ? bytesOf(only) : new Uint8Array(), upload.id)
      return { size: multipart?.size ?? only?.size ?? 0 }
    } catch (error) {
      await sender.undo()
      throw error
    } finally {
      if (only) this.#buffers.give(only.buffer)
    }
  }

  #sender({ key, multipart }: UploadState): PartSender {
    return new PartSender(this.#multiparts, this.#buffers, key, multipart)
  }

  async #readTail({ key, tail }: UploadState, buffer: Buffer): Promise<number> {
    if (!tail) return 0
    if (await this.#tails.read(key, tail, buffer)) return tail.size
    throw uploadGone()
  }

  async #putTail({ key }: UploadState, sender: PartSender, cut: Cut): Promise<Tail> {
    try {
      refuseBeyond(sender.parts + 1)
      return await this.#tails.put(key, bytesOf(cut))
    } finally {
      this.#buffers.give(cut.buffer)
    }
  }

  /** What stays is removed with the whole upload. */
  async #forget(key: string, tail: string): Promise<void> {
    await this.#tails.delete(key, tail).catch(() => undefined)
  }
}

function grown(
  from: UploadState,
  multipart: Multipart | undefined,
  tail: Tail | undefined,
): UploadState {
  return {
    key: from.key,
    id: from.id,
    size: (multipart?.size ?? 0) + (tail?.size ?? 0),
    ...(multipart && { multipart }),
    ...(tail && { tail }),
    ...(from.tail && { before: from.tail.name }),
  }
}

const bytesOf = ({ buffer, size }: Cut): Uint8Array => buffer.subarray(0, size)
