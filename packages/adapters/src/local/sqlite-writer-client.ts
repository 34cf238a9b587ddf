/** The near end of the writing thread: one promise for each transaction sent. */
import { StorageError, type StorageFailure } from '@sluice/core/ports/storage-error'
import { TableLimitError } from '@sluice/core/ports/table-limits'
import type { Outcome } from '@sluice/core/ports/table'
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import { commits } from './commits.ts'
import type { PackedWrite } from './sqlite-transaction.ts'

export interface PackedTransaction {
  readonly writes: readonly PackedWrite[]
  readonly lazy: boolean
  readonly frees: boolean
}

export type WriterMessage =
  | ({ readonly id: number } & PackedTransaction)
  /** The near end of another thread's table; it is answered there. */
  | { readonly join: MessagePort }
  | 'close'

/** An error as it travels between threads, which would lose its class. */
export interface Failure {
  readonly kind: StorageFailure | 'refused'
  readonly error: string
  readonly cause?: unknown
}

export type Answer =
  | { readonly id: number; readonly outcome: Outcome }
  | { readonly id: number; readonly failure: Failure }

export interface WriterData {
  readonly file: string
  readonly keepsRoom: boolean
  readonly commits: SharedArrayBuffer
}

export class SqliteWriterClient {
  readonly #file: string
  readonly #keepsRoom: boolean
  readonly #waiting = new Map<number, PromiseWithResolvers<Outcome>>()
  #worker: Worker | MessagePort | undefined
  #lastId = 0
  #closing = false

  /** `joined`: another thread's writer, made by its `join`; without it this one starts its own. */
  constructor(
    file: string,
    { joined, keepsRoom = false }: { readonly joined?: MessagePort; readonly keepsRoom?: boolean },
  ) {
    this.#file = file
    this.#keepsRoom = keepsRoom
    this.#worker = joined ? this.#listen(joined, 'close') : this.#start()
  }

  /** A way to the same writer for another thread: one writer commits in groups, where two would wait for a lock. */
  join(): MessagePort {
    const { port1, port2 } = new MessageChannel()
    const worker = (this.#worker ??= this.#start())
    worker.postMessage({ join: port1 } satisfies WriterMessage, [port1])
    return port2
  }

  async send(transaction: PackedTransaction): Promise<Outcome> {
    const worker = (this.#worker ??= this.#start())
    const id = ++this.#lastId
    const answer = Promise.withResolvers<Outcome>()
    this.#waiting.set(id, answer)
    worker.ref()
    worker.postMessage({ id, ...transaction } satisfies WriterMessage)
    return answer.promise
  }

  /** What was sent before is written first. */
  async close(): Promise<void> {
    const worker = this.#worker
    if (worker === undefined) return
    this.#closing = true
    worker.ref()
    const ended = new Promise((resolve) => {
      worker.once(worker instanceof Worker ? 'exit' : 'close', resolve)
    })
    worker.postMessage('close' satisfies WriterMessage)
    await ended
  }

  #start(): Worker {
    const workerData: WriterData = {
      file: this.#file,
      keepsRoom: this.#keepsRoom,
      commits: commits.shared(),
    }
    const worker = new Worker(new URL('./sqlite-writer.ts', import.meta.url), { workerData })
    return this.#listen(worker, 'exit')
  }

  #listen<W extends Worker | MessagePort>(worker: W, end: 'exit' | 'close'): W {
    let cause: unknown
    // Both emit; only their types have no `on` in common.
    const events = worker as unknown as NodeJS.EventEmitter
    events.on('message', (answers: readonly Answer[]) => this.#settle(answers))
    events.on('error', (error) => (cause = error))
    events.on(end, () => this.#lost(worker, cause))
    // A program that forgets to close may end all the same; with writes on the way it may not.
    worker.unref()
    return worker
  }

  #settle(answers: readonly Answer[]): void {
    for (const answer of answers) {
      const waiting = this.#waiting.get(answer.id)
      this.#waiting.delete(answer.id)
      if ('outcome' in answer) waiting?.resolve(answer.outcome)
      else waiting?.reject(errorOf(answer.failure))
    }
    if (this.#waiting.size === 0 && !this.#closing) this.#worker?.unref()
  }

  /** The next transaction starts another thread. */
  #lost(worker: Worker | MessagePort, cause: unknown): void {
    if (this.#worker === worker) this.#worker = undefined
    const error = new StorageError('unavailable', 'the writing thread ended', cause)
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

function errorOf({ kind, error, cause }: Failure): Error {
  if (kind === 'limit') return new TableLimitError(error)
  if (kind === 'refused') return new TypeError(error)
  return new StorageError(kind, error, cause)
}
