/** The body of one answer, read once, with a watch on how fast it comes. */
import { UpstreamError } from '@sluice/core/ports/upstream'
import type { Dispatcher } from 'undici'
import type { TransferLimits } from './transfer-limits.ts'

export interface BodyOptions {
  readonly upstream: string
  readonly limits: TransferLimits
  readonly failure: (error: unknown) => UpstreamError
  /** Bytes that `discard` reads at most, to keep the connection. */
  readonly discarded: number
}

export class UpstreamBody {
  readonly #body: Dispatcher.ResponseData['body']
  readonly #options: BodyOptions

  constructor(body: Dispatcher.ResponseData['body'], options: BodyOptions) {
    this.#body = body
    this.#options = options
    // An error that comes before or after anybody reads is nobody's: whoever reads gets it from the iteration.
    body.on('error', () => undefined)
  }

  /** The pieces as they come. Throws `UpstreamError` when they break off, or come more slowly than the limits allow. */
  async *pieces(): AsyncGenerator<Uint8Array> {
    const { idleMs, slowest } = this.#options.limits
    const pieces: AsyncIterator<Uint8Array> = this.#body[Symbol.asyncIterator]()
    // Only what was spent waiting for the upstream counts: a slow client is not its fault.
    let waited = 0
    let came = 0
    try {
      for (;;) {
        const asked = performance.now()
        const next = await pieces.next()
        if (next.done === true) return
        waited += performance.now() - asked
        came += next.value.byteLength
        if (waited >= idleMs) {
          if (came < (slowest * waited) / 1000) throw this.#tooSlow()
          waited = 0
          came = 0
        }
        yield next.value
      }
    } catch (error) {
      throw this.#options.failure(error)
    } finally {
      this.#body.destroy()
    }
  }

  /** All of it. Throws `UpstreamError`: `lying` beyond `most` bytes. */
  async whole(most: number): Promise<Buffer> {
    const { upstream, limits } = this.#options
    const timer = setTimeout(() => this.#body.destroy(this.#tooSlow()), limits.documentMs)
    const pieces: Uint8Array[] = []
    let size = 0
    try {
      for await (const piece of this.pieces()) {
        size += piece.byteLength
        if (size > most) throw new UpstreamError(upstream, 'lying', 'sends more than it may')
        pieces.push(piece)
      }
    } finally {
      clearTimeout(timer)
    }
    return Buffer.concat(pieces)
  }

  /** Nobody wants it: read if it is short, or else its connection is closed. */
  async discard(): Promise<void> {
    const signal = AbortSignal.timeout(this.#options.limits.headersMs)
    await this.#body.dump({ limit: this.#options.discarded, signal }).catch(() => undefined)
  }

  /** Closes the connection. */
  destroy(): void {
    this.#body.destroy()
  }

  #tooSlow(): UpstreamError {
    return new UpstreamError(this.#options.upstream, 'unreachable', 'sends too slowly')
  }
}
