/**
 * One answer of an upstream with a blob's bytes, read in stretches. A break ends the stretch that it comes in, and is no
 * error of it: what has come is kept, and another answer goes on from there.
 */
import { UpstreamError, type UpstreamBlob } from '../ports/upstream.ts'
import type { Source } from '../ports/blob-store.ts'

export class UpstreamTransfer {
  readonly #pieces: AsyncIterator<Uint8Array>
  #left: Uint8Array | undefined
  /** Why no more comes, where that is not the blob's end. */
  broken: UpstreamError | undefined

  constructor({ bytes }: UpstreamBlob) {
    this.#pieces = bytes[Symbol.asyncIterator]()
  }

  /** The next bytes, at most `most`, fewer where `stop` says so; `onPiece` is told whenever some were taken. */
  async *stretch(most: number, onPiece: () => void, stop: () => boolean): Source {
    for (let room = most; room > 0 && !stop();) {
      const piece = await this.#next()
      if (!piece) return
      const taken = piece.byteLength > room ? piece.subarray(0, room) : piece
      this.#left = piece.byteLength > room ? piece.subarray(room) : undefined
      room -= taken.byteLength
      yield taken
      onPiece()
    }
  }

  async end(): Promise<void> {
    await this.#pieces.return?.().catch(() => undefined)
  }

  async #next(): Promise<Uint8Array | undefined> {
    const left = this.#left
    this.#left = undefined
    if (left) return left
    try {
      const { done, value } = await this.#pieces.next()
      return done ? undefined : value
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      this.broken = error
      return undefined
    }
  }
}
