/**
 * The bytes of a blob under way. It ends, and gives its turn back, when they are all there, when whoever reads them stops,
 * or when nobody begins to.
 */
import { UpstreamError } from '@sluice/core/ports/upstream'
import type { OpenBlob } from './upstream-blobs.ts'

export interface TransferOptions {
  readonly upstream: string
  /** The first byte that is wanted; those of the body before it are dropped. */
  readonly start: number
  /** Milliseconds in which the reading must begin. */
  readonly unreadMs: number
  readonly end: () => void
  /** All of it came. */
  readonly onWhole: () => void
  /** It broke off. */
  readonly onBreak: () => void
}

export class Transfer implements AsyncIterable<Uint8Array> {
  readonly #blob: OpenBlob
  readonly #options: TransferOptions
  readonly #unread: NodeJS.Timeout
  #isOver = false

  constructor(blob: OpenBlob, options: TransferOptions) {
    this.#blob = blob
    this.#options = options
    this.#unread = setTimeout(() => this.#end(), options.unreadMs).unref()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (this.#isOver) throw this.#fail('unreachable', 'was read too late, or twice')
    clearTimeout(this.#unread)
    const { size, from, reply } = this.#blob
    // The body of a 416 is no part of the blob.
    if (from === size) {
      this.#end()
      return
    }
    const { start, onWhole, onBreak } = this.#options
    let at = from
    let broke = true
    try {
      for await (const piece of reply.body.pieces()) {
        const skipped = Math.max(0, start - at)
        at += piece.byteLength
        if (at > size) throw this.#fail('lying', 'sends more of a blob than there is')
        // Whoever stops here has broken it off himself.
        broke = false
        if (skipped < piece.byteLength) yield piece.subarray(skipped)
        broke = at < size
      }
      if (at < size) throw this.#fail('unreachable', 'breaks a transfer off')
      onWhole()
    } finally {
      if (broke) onBreak()
      this.#end()
    }
  }

  #end(): void {
    this.#isOver = true
    clearTimeout(this.#unread)
    this.#blob.reply.body.destroy()
    this.#options.end()
  }

  #fail(reason: 'unreachable' | 'lying', what: string): UpstreamError {
    return new UpstreamError(this.#options.upstream, reason, what)
  }
}
