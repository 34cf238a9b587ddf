/** A log on standard error, of any door; each thread has one, and writes whole lines. */
import { writeSync } from 'node:fs'
import type { Log, LogFields, LogForm, LogLevel } from '@sluice/core/ports/log'
import type { KeptLog } from './kept-log.ts'
import { LineForm } from './line-form.ts'
import { JSON_PARTS, jsonLine, TEXT_PARTS, textLine } from './log-line.ts'

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

/** Lines are gathered until the event loop turns, or until they are so many bytes. */
const GATHERED_BYTES = 64 * 1024

/** A character of a string is no more bytes than that. */
const MOST_BYTES = 3

const NOTHING: LogForm = { write: () => undefined }

/** Where lines come one after the other, they are gathered for so long: each write costs as much as a line. */
const BUSY_MS = 10

/** What is kept for a reader that does not read; later lines are counted instead. */
export const MAX_WAITING_BYTES = 1024 * 1024

const RETRY_MS = 10

/** How long an exit waits for a slow reader. */
const LAST_MS = 1000

export interface LineLogOptions {
  readonly level: LogLevel
  readonly format: 'text' | 'json'
  readonly descriptor?: number
  /** False: each line is written at once, by a program that may be frozen between two turns of its event loop. */
  readonly gathers?: boolean
}

/**
 * Written synchronously in large pieces: lines keep their order, and none is lost at a normal exit. A log that cannot
 * be written (closed pipe, full disk) never stops the registry: its lines are dropped.
 */
export class LineLog implements Log {
  readonly #least: number
  readonly #json: boolean
  readonly #format: typeof textLine
  readonly #descriptor: number
  readonly #gathers: boolean
  /** Lines that are gathered; each is put there at once, so that none lives as a string for long. */
  readonly #gathered = Buffer.allocUnsafeSlow(GATHERED_BYTES)
  #length = 0
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #dropped = 0
  #scheduled = false
  #kept: KeptLog | undefined
  #flushedAt = 0
  #time = 0
  #timeText = ''
  #retry: NodeJS.Timeout | undefined

  constructor(options: LineLogOptions) {
    this.#least = RANK[options.level]
    this.#json = options.format === 'json'
    this.#format = this.#json ? jsonLine : textLine
    this.#descriptor = options.descriptor ?? 2
    this.#gathers = options.gathers ?? true
    process.once('exit', () => this.#finish())
  }

  /** From now on all lines go there as well. */
  keepIn(kept: KeptLog): void {
    this.#kept = kept
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#add('debug', message, fields)
  }

  info(message: string, fields: LogFields = {}): void {
    this.#add('info', message, fields)
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#add('warn', message, fields)
  }

  audit(message: string, fields: LogFields): void {
    this.#append('info', message, fields)
  }

  /** The whole of what was thrown, causes included, goes into the line. */
  error(message: string, fields: LogFields = {}, thrown?: unknown): void {
    const error = thrown === undefined ? {} : { error: describe(thrown) }
    this.#add('error', message, { ...fields, ...error })
  }

  form(message: string, names: readonly string[], changing: readonly string[]): LogForm {
    if (RANK.info < this.#least) return NOTHING
    return new LineForm(message, { names, changing }, this.#json ? JSON_PARTS : TEXT_PARTS, {
      now: () => this.#now(),
      put: (line) => this.#put(line),
    })
  }

  flush(): void {
    const length = this.#length
    this.#length = 0
    if (length > 0) this.#hand(this.#gathered.subarray(0, length))
    else this.#write()
  }

  #add(level: LogLevel, message: string, fields: LogFields): void {
    if (RANK[level] >= this.#least) this.#append(level, message, fields)
  }

  #append(level: LogLevel, message: string, fields: LogFields): void {
    this.#put(this.#format(this.#now(), level, message, fields))
  }

  #put(line: string): void {
    const most = line.length * MOST_BYTES
    if (most > GATHERED_BYTES - this.#length) this.flush()
    if (most > GATHERED_BYTES) {
      this.#hand(Buffer.from(line))
      return
    }
    this.#length += this.#gathered.write(line, this.#length)
    if (!this.#gathers) {
      this.flush()
    } else if (!this.#scheduled) {
      this.#scheduled = true
      const flush = (): void => {
        this.#scheduled = false
        this.#flushedAt = Date.now()
        this.flush()
      }
      // An exit writes what is left.
      if (this.#time - this.#flushedAt < BUSY_MS) setTimeout(flush, BUSY_MS).unref()
      else setImmediate(flush)
    }
  }

  #hand(piece: Buffer): void {
    this.#kept?.write(piece)
    if (this.#waitingBytes + piece.byteLength > MAX_WAITING_BYTES) {
      this.#dropped += 1
    } else {
      this.#waiting.push(piece)
      this.#waitingBytes += piece.byteLength
    }
    this.#write()
    // What is not taken now must not lie where the next lines are gathered.
    const last = this.#waiting.length - 1
    if (last >= 0) this.#waiting[last] = Buffer.from(this.#waiting[last]!)
  }

  /** Many lines are of one millisecond, and to write it down costs as much as the rest of a line. */
  #now(): string {
    const now = Date.now()
    if (now !== this.#time) {
      this.#time = now
      this.#timeText = new Date(now).toISOString()
    }
    return this.#timeText
  }

  #write(): void {
    for (let piece = this.#waiting[0]; piece !== undefined; piece = this.#waiting[0]) {
      let written: number
      try {
        written = writeSync(this.#descriptor, piece)
      } catch (error) {
        if (isBusy(error)) {
          this.#retryLater()
          return
        }
        // Gone or full: these lines are lost, the next may find room again.
        this.#waiting = []
        this.#waitingBytes = 0
        return
      }
      this.#waitingBytes -= written
      if (written < piece.byteLength) this.#waiting[0] = piece.subarray(written)
      else this.#waiting.shift()
    }
    if (this.#dropped > 0) {
      const pieces = this.#dropped
      this.#dropped = 0
      this.warn('log lines were dropped: nobody read them in time', { pieces })
    }
  }

  /** A descriptor set to non-blocking by whoever shares it, whose reader is slow. */
  #retryLater(): void {
    if (this.#retry !== undefined) return
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      this.#write()
    }, RETRY_MS).unref()
  }

  #finish(): void {
    const deadline = Date.now() + LAST_MS
    this.flush()
    while (this.#waiting.length > 0 && Date.now() < deadline) {
      // Timers are over at exit: only the thread itself can still wait.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
      this.flush()
    }
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EAGAIN'

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const text = thrown.stack ?? String(thrown)
  return thrown.cause === undefined ? text : `${text}\ncaused by: ${describe(thrown.cause)}`
}
