/** Sends the parts of one upload, several at once, and adds them up in their order. */
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Cut } from './cut-parts.ts'
import type { PartBuffers } from './part-buffers.ts'
import { MOST_PARTS, type S3Multiparts } from './s3-multiparts.ts'
import { withPart, type Multipart } from './s3-upload-state.ts'

export class PartSender {
  readonly #multiparts: S3Multiparts
  readonly #buffers: PartBuffers
  readonly #key: string
  readonly #begun: Multipart | undefined
  readonly #stop = new AbortController()
  readonly #inFlight = new Set<Promise<unknown>>()
  #multipart: Multipart | undefined
  #sum: Promise<Multipart | undefined>
  #sent = 0

  /** `begun`: what the upload has already; the multipart upload of one that has none begins with its first part. */
  constructor(
    multiparts: S3Multiparts,
    buffers: PartBuffers,
    key: string,
    begun: Multipart | undefined,
  ) {
    this.#multiparts = multiparts
    this.#buffers = buffers
    this.#key = key
    this.#begun = begun
    this.#multipart = begun
    this.#sum = Promise.resolve(begun)
  }

  /** How many parts the upload has, whether they have arrived or not. */
  get parts(): number {
    return (this.#begun?.parts ?? 0) + this.#sent
  }

  /** Takes the buffer. Returns when the part is on its way; throws what became of an earlier one. */
  async send({ buffer, size }: Cut): Promise<void> {
    let passed = false
    try {
      refuseBeyond(this.parts + 1)
      this.#multipart ??= await this.#multiparts.create(this.#key)
      await this.#buffers.gate.pass()
      passed = true
      this.#stop.signal.throwIfAborted()
      this.#start(this.#multipart, buffer, size)
    } catch (error) {
      if (passed) this.#buffers.gate.leave()
      this.#buffers.give(buffer)
      throw error
    }
  }

  #start(multipart: Multipart, buffer: Buffer, size: number): void {
    this.#sent++
    const { signal } = this.#stop
    const bytes = buffer.subarray(0, size)
    const part = this.#multiparts
      .put(this.#key, multipart.uploadId, this.parts, bytes, signal)
      .finally(() => {
        this.#buffers.gate.leave()
        this.#buffers.give(buffer)
        this.#inFlight.delete(part)
      })
    this.#inFlight.add(part)
    const sum = Promise.all([this.#sum, part]).then(([before, done]) =>
      withPart(before ?? multipart, done),
    )
    // The first failure ends the others; it is thrown by whatever comes next.
    sum.catch((error: unknown) => this.#stop.abort(error))
    this.#sum = sum
  }

  /** When all have arrived; `undefined` where there is no part at all. */
  async end(): Promise<Multipart | undefined> {
    try {
      return await this.#sum
    } catch (error) {
      // The first failure, not one of those that it led to.
      throw this.#stop.signal.reason ?? error
    }
  }

  /** Keeps nothing that was begun here. Parts that an earlier append's upload has beyond its state are no part of it. */
  async undo(): Promise<void> {
    this.#stop.abort(new Error('the upload was given up'))
    await Promise.allSettled(this.#inFlight)
    if (!this.#multipart || this.#begun) return
    // The error that led here counts; what cannot be aborted now, `listUploads` names.
    await this.#multiparts.abort(this.#key, this.#multipart.uploadId).catch(() => undefined)
  }
}

/** S3 takes no more parts. Asked before anything is sent, and for a tail too, which becomes one. */
export function refuseBeyond(parts: number): void {
  if (parts <= MOST_PARTS) return
  throw new StorageError(
    'limit',
    `an upload has at most ${MOST_PARTS} parts in S3: send the blob in fewer and larger requests`,
    undefined,
  )
}
