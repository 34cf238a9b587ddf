/** Reads what a server has kept of its log (kept-log.ts), and goes on while it grows. */
import type { LoggedLine, LogQuery, LogReader } from '@sluice/core/ports/log-reader'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { MAX_FILES } from './kept-log.ts'

const PIECE = 256 * 1024

/** Between two looks at a log that is followed. */
const LOOK_MS = 250

export class KeptLogReader implements LogReader {
  readonly follows = true
  readonly #part: string
  readonly #path: string
  readonly #closed = new AbortController()

  /** `part`: the one whose log this is. */
  constructor(part: string, path: string) {
    this.#part = part
    this.#path = path
  }

  async read(
    part: string,
    query: LogQuery,
    follow?: AbortSignal,
  ): Promise<AsyncIterable<LoggedLine> | undefined> {
    if (part !== this.#part) return undefined
    return this.#lines(query, follow && AbortSignal.any([follow, this.#closed.signal]))
  }

  /** For a server that ends: whoever follows its log is not waited for. */
  close(): void {
    this.#closed.abort()
  }

  async *#lines(query: LogQuery, follow: AbortSignal | undefined): AsyncGenerator<LoggedLine> {
    const { since = 0, tail, matches = () => true } = query
    const wanted = ({ at, text }: LoggedLine): boolean => at >= since && matches(text)
    const files = await this.#open()
    const reading = new LineReading()
    try {
      if (tail === undefined) {
        for (const file of files) {
          for await (const line of reading.rest(file)) if (wanted(line)) yield line
        }
      } else {
        let newest: LoggedLine[] = []
        for (const file of files) {
          for await (const line of reading.rest(file)) if (wanted(line)) newest.push(line)
          // Twice as many are looked at before any is let go.
          if (newest.length > 2 * tail) newest = tail === 0 ? [] : newest.slice(-tail)
        }
        if (tail > 0) yield* newest.slice(-tail)
      }
      if (!follow) return
      while (!follow.aborted) {
        const file = files.at(-1)
        // Looked for first: a file that has been turned grows no more, and is read to its end.
        const turned = await this.#newer(file)
        if (file) for await (const line of reading.rest(file)) if (wanted(line)) yield line
        if (turned) files.push(turned)
        // One that is held open takes its room on the disk even when it is removed.
        await Promise.all(files.splice(0, files.length - 1).map((old) => old.close()))
        if (!turned) await pause(LOOK_MS, undefined, { signal: follow }).catch(() => undefined)
      }
    } finally {
      await Promise.all(files.map((file) => file.close()))
    }
  }

  /** Oldest first, each once, though they are turned meanwhile. */
  async #open(): Promise<FileHandle[]> {
    const files = new Map<number, FileHandle>()
    for (let number = 0; number < MAX_FILES; number++) {
      const path = number === 0 ? this.#path : `${this.#path}.${number}`
      const file = await open(path).catch(() => undefined)
      if (!file) continue
      const { ino } = await file.stat()
      if (files.has(ino)) await file.close()
      else files.set(ino, file)
    }
    return [...files.values()].toReversed()
  }

  /** The file that took the place of this one. */
  async #newer(file: FileHandle | undefined): Promise<FileHandle | undefined> {
    const [now, before] = await Promise.all([stat(this.#path).catch(() => undefined), file?.stat()])
    if (!now || now.ino === before?.ino) return undefined
    return open(this.#path).catch(() => undefined)
  }
}

/** Lines of files, one after the other, as far as they are whole. */
class LineReading {
  readonly #piece = Buffer.alloc(PIECE)
  #begun = Buffer.alloc(0)
  /** Of a line that begins with none: it is the one before, continued. */
  #at = 0

  async *rest(file: FileHandle): AsyncGenerator<LoggedLine> {
    for (;;) {
      const { bytesRead } = await file.read(this.#piece, 0, PIECE)
      if (bytesRead === 0) return
      const bytes = Buffer.concat([this.#begun, this.#piece.subarray(0, bytesRead)])
      const end = bytes.lastIndexOf(10)
      this.#begun = bytes.subarray(end + 1)
      if (end < 0) continue
      for (const text of bytes.subarray(0, end).toString('utf8').split('\n')) {
        this.#at = timeOf(text) ?? this.#at
        yield { at: this.#at, text }
      }
    }
  }
}

const TIME = /^(?:time="|\{"time":")([^"]+)"/

function timeOf(text: string): number | undefined {
  const at = Date.parse(TIME.exec(text)?.[1] ?? '')
  return Number.isNaN(at) ? undefined : at
}
