/**
 * The log of one server, kept in files of bounded size: `<path>` is written, `<path>.1` to `<path>.4` are older. All threads
 * of a process append to the same file, and one of them turns it.
 */
import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs'

/** As kubelet keeps a container's log: `containerLogMaxSize`, `containerLogMaxFiles`. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024
export const MAX_FILES = 5

/** Shared by the threads: the bytes of the file so far, and how often it was turned (odd while it is being turned). */
export type KeptLogState = SharedArrayBuffer

const BYTES = 0
const TURNS = 1

export interface KeptLogOptions {
  readonly path: string
  readonly state?: KeptLogState
  readonly maxFileBytes?: number
}

export class KeptLog {
  readonly state: KeptLogState
  readonly #path: string
  readonly #max: number
  readonly #shared: Int32Array
  #turns: number
  #descriptor: number

  /** Throws when the file cannot be opened. */
  constructor({ path, state, maxFileBytes = MAX_FILE_BYTES }: KeptLogOptions) {
    this.#path = path
    this.#max = maxFileBytes
    this.state = state ?? new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)
    this.#shared = new Int32Array(this.state)
    this.#descriptor = this.#open()
    if (!state) Atomics.store(this.#shared, BYTES, statSync(path).size)
    this.#turns = Atomics.load(this.#shared, TURNS)
  }

  /** Whole lines. A disk that is full or gone loses them, and stops nothing. */
  write(lines: Uint8Array): void {
    try {
      this.#follow()
      writeSync(this.#descriptor, lines)
      const bytes = Atomics.add(this.#shared, BYTES, lines.byteLength) + lines.byteLength
      if (bytes > this.#max) this.#turn()
    } catch {
      // Standard error has them.
    }
  }

  #open(): number {
    return openSync(this.#path, 'a', 0o600)
  }

  /** Another thread has turned the file. */
  #follow(): void {
    const turns = Atomics.load(this.#shared, TURNS)
    if (turns === this.#turns || turns % 2 === 1) return
    this.#reopen(turns)
  }

  #turn(): void {
    const turns = this.#turns
    if (Atomics.compareExchange(this.#shared, TURNS, turns, turns + 1) !== turns) return
    try {
      for (let number = MAX_FILES - 1; number > 0; number--) {
        rename(number === 1 ? this.#path : `${this.#path}.${number - 1}`, `${this.#path}.${number}`)
      }
    } finally {
      Atomics.store(this.#shared, BYTES, 0)
      Atomics.store(this.#shared, TURNS, turns + 2)
      this.#reopen(turns + 2)
    }
  }

  #reopen(turns: number): void {
    const opened = this.#open()
    closeSync(this.#descriptor)
    this.#descriptor = opened
    this.#turns = turns
  }
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch {
    // There are not so many yet.
  }
}
