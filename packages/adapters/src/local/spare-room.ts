/**
 * Room on the disk for writes that make room: SQLite appends to its log before it takes anything away, and on a full disk
 * nothing could be removed ever again. It is a file of bytes that no file system compresses to nothing.
 */
import { randomBytes } from 'node:crypto'
import { appendFileSync, statSync, statfsSync, truncateSync } from 'node:fs'
import { dirname } from 'node:path'

/** For a log of 750 pages, all of them new to the file (`sqlite-writer.ts`), and what is removed meanwhile. */
const MOST_BYTES = 8 * 1024 * 1024

/** What is kept of the room there is, at most: a small disk is for the registry. */
const SHARE = 1 / 8

const STEP_BYTES = 512 * 1024

export class SpareRoom {
  readonly #file: string
  #lent = 0

  constructor(file: string) {
    this.#file = file
  }

  /** Makes it as large as it is to be, where there is room. Answers how many bytes it has. */
  keep(): number {
    const size = this.#size()
    const { bavail, bsize } = statfsSync(dirname(this.#file))
    const wanted = Math.min(MOST_BYTES, Math.floor((bavail * bsize + size) * SHARE))
    return size + this.#append(wanted - size)
  }

  /** Gives some of it to the disk; false where there is none left. */
  lend(): boolean {
    const size = this.#size()
    const step = Math.min(size, STEP_BYTES)
    if (step === 0) return false
    truncateSync(this.#file, size - step)
    this.#lent += step
    return true
  }

  /** Takes back what was lent, as far as the disk has it. */
  takeBack(): void {
    if (this.#lent > 0) this.#lent -= this.#append(this.#lent)
  }

  #size(): number {
    return statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0
  }

  /** Answers how many bytes that were. In steps, since on a full disk it is tried after each commit. */
  #append(bytes: number): number {
    const before = this.#size()
    try {
      for (let left = bytes; left > 0; left -= STEP_BYTES) {
        appendFileSync(this.#file, randomBytes(Math.min(left, STEP_BYTES)), { mode: 0o600 })
      }
    } catch {
      // What there was room for stays; more is not worth a failure.
    }
    return this.#size() - before
  }
}
