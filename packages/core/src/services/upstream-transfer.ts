/**
 * One answer of an upstream with a blob's bytes, read in stretches. A break ends the stretch that it comes in, and is no
 * error of it: what has come is kept, and another answer goes on from there.
 */
import { UpstreamError, type UpstreamBlob } from '../ports/upstream.ts'
import type { Source } from '../ports/blob-store.ts'

/**
 * After each stretch what has come is on stable storage. To wait for that costs, so a stretch is as long as a fast upstream
 * makes it in this time; but no shorter, unless nothing comes for so long, and no longer than this.
 */
const STRETCH_MS = 2000
const LEAST_BYTES = 64 * 1024 * 1024
const MOST_BYTES = 1024 * 1024 * 1024

const LATE = Symbol('late')

export class UpstreamTransfer {
  readonly #pieces: AsyncIterator<Uint8Array>
  #left: Uint8Array | undefined
  /** Asked for, and not there yet. */
  #coming: Promise<Uint8Array | undefined> | undefined
  /** Why no more comes, where that is not the blob's end. */
  broken: UpstreamError | undefined
  /** All that it brings was taken. */
  over = false

  constructor({ bytes }: UpstreamBlob) {
    this.#pieces = bytes[Symbol.asyncIterator]()
  }

  /** The next bytes, fewer where `stop` says so; `onPiece` is told whenever some were taken. */
  async *stretch(onPiece: () => void, stop: () => boolean): Source {
    const end = new StretchEnd(STRETCH_MS)
    try {
      for (let taken = 0; taken < MOST_BYTES && !stop();) {
        const isShort = taken < LEAST_BYTES
        const coming = this.#next()
        if (isShort) end.renew()
        const piece = await (taken === 0 ? coming : end.before(coming))
        if (piece === LATE) return
        this.#coming = undefined
        if (!piece) {
          this.over = true
          return
        }
        const room = (isShort ? LEAST_BYTES : MOST_BYTES) - taken
        this.#left = piece.byteLength > room ? piece.subarray(room) : undefined
        const bytes = this.#left ? piece.subarray(0, room) : piece
        taken += bytes.byteLength
        yield bytes
        onPiece()
      }
    } finally {
      end.forget()
    }
  }

  /** Does not wait for an upstream that sends nothing. */
  async end(): Promise<void> {
    const ended = this.#pieces.return?.().catch(() => undefined)
    if (!this.#coming) await ended
  }

  #next(): Promise<Uint8Array | undefined> {
    if (!this.#coming) {
      this.#coming = this.#read()
      // Where a stretch ended before it came, nobody may be waiting.
      void this.#coming.catch(() => undefined)
    }
    return this.#coming
  }

  async #read(): Promise<Uint8Array | undefined> {
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

/** A time that may come before a promise is kept. A race with one long promise would hold on to each of many short ones. */
class StretchEnd {
  readonly #timer: NodeJS.Timeout
  #isOver = false
  #onOver: () => void = () => undefined

  constructor(ms: number) {
    this.#timer = setTimeout(() => {
      this.#isOver = true
      this.#onOver()
    }, ms)
  }

  before<T>(coming: Promise<T>): Promise<T | typeof LATE> {
    if (this.#isOver) return Promise.resolve(LATE)
    return new Promise((resolve, reject) => {
      this.#onOver = () => resolve(LATE)
      coming.then(resolve, reject)
    })
  }

  renew(): void {
    if (!this.#isOver) this.#timer.refresh()
  }

  forget(): void {
    clearTimeout(this.#timer)
  }
}
