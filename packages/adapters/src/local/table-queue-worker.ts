/** Does the jobs of a `TableQueue`: one worker for each queue, in the process whose table it is. */
import type { Clock } from '@sluice/core/ports/clock'
import { parseJob } from '@sluice/core/ports/job-text'
import { MAX_DELIVERIES, type JobHandlers } from '@sluice/core/ports/queue'
import type { Table, TableRecord } from '@sluice/core/ports/table'
import { doJob } from '@sluice/core/services/do-job'
import { deadPk, dueOf, queueKey, queuePk } from './table-queue.ts'

/** Of them a few may wait for somebody who does not answer. */
const AT_ONCE = 16
const LOOK_MS = 500
const FIRST_PAUSE_MS = 1000

/** Before a job is looked at again of which nothing could be written down: not that it is done, nor that it failed. */
const REST_MS = 30_000

export interface TableQueueWorkerOptions {
  readonly table: Pick<Table, 'query' | 'transact'>
  readonly clock: Clock
  /** Of the queue. */
  readonly name: string
  readonly handlers: JobHandlers
  /** Told of each try that failed, and of a look that did (then there is no job). `isLast`: it is a dead letter now. */
  readonly onFailure: (thrown: unknown, failed?: { kind: string; isLast: boolean }) => void
  /** Milliseconds between two looks for jobs. */
  readonly look?: number
  /** Milliseconds before the second try of a job that failed; twice as long before each further one. */
  readonly firstPause?: number
}

export class TableQueueWorker {
  readonly #options: TableQueueWorkerOptions
  readonly #underWay = new Map<string, Promise<void>>()
  /** Jobs that ended since the table was last asked: its answer may be from before. */
  readonly #ended = new Set<string>()
  /** Jobs that rest, and until when. */
  readonly #resting = new Map<string, number>()
  /** Jobs that are done, and still there. */
  readonly #done = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: TableQueueWorkerOptions) {
    this.#options = options
    this.#lookSoon()
  }

  /** Jobs that were given up. */
  async deadLetters(): Promise<number> {
    const { table, name } = this.#options
    const { records } = await table.query(deadPk(name), { limit: 1000 })
    return records.length
  }

  /** Waits for the jobs under way; those that wait are there when the next worker comes. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#looking
    await Promise.all(this.#underWay.values())
  }

  #lookSoon(): void {
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      this.#looking = this.#look()
        .catch((error: unknown) => this.#options.onFailure(error))
        .finally(() => this.#lookSoon())
    }, this.#options.look ?? LOOK_MS)
    // Work that nobody waits for keeps no process alive.
    this.#timer.unref()
  }

  async #look(): Promise<void> {
    const { table, clock, name } = this.#options
    let after: string | undefined
    while (!this.#closed) {
      const free = AT_ONCE - this.#underWay.size
      if (free === 0) {
        await Promise.race(this.#underWay.values())
        continue
      }
      // Those under way are still there, and come first.
      const limit = AT_ONCE
      this.#ended.clear()
      const page = await table.query(queuePk(name), { limit, ...(after && { after }) })
      const due = page.records.filter(({ sk }) => dueOf(sk) <= clock.now())
      for (const record of due.filter(({ sk }) => this.#isFree(sk)).slice(0, free)) {
        this.#start(record)
      }
      if (due.length < page.records.length || page.next === undefined) return
      after = page.next
    }
  }

  #isFree(sk: string): boolean {
    if (this.#underWay.has(sk) || this.#ended.has(sk)) return false
    return (this.#resting.get(sk) ?? 0) <= this.#options.clock.now()
  }

  #start(record: TableRecord): void {
    const { sk } = record
    const { clock, onFailure } = this.#options
    const job = this.#try(record)
      .then(
        () => void this.#resting.delete(sk),
        (error: unknown) => {
          this.#resting.set(sk, clock.now() + REST_MS)
          onFailure(error)
        },
      )
      .finally(() => {
        this.#underWay.delete(sk)
        this.#ended.add(sk)
      })
    this.#underWay.set(sk, job)
  }

  /** Throws what keeps it from being written down how it went. */
  async #try(record: TableRecord): Promise<void> {
    const { pk, sk } = record
    if (!this.#done.has(sk) && !(await this.#do(record))) return
    // Until its record is gone it is not done again: whoever it is for would have it each time that is looked.
    this.#done.add(sk)
    await this.#options.table.transact([{ delete: { pk, sk } }])
    this.#done.delete(sk)
  }

  /** False: it failed, and is there for another time. */
  async #do({ pk, sk, item }: TableRecord): Promise<boolean> {
    const { table, clock, name, handlers, onFailure, firstPause = FIRST_PAUSE_MS } = this.#options
    const delivery = item.delivery as number
    const text = item.text as string
    const job = parseJob(text)
    try {
      await doJob(handlers, job)
      return true
    } catch (error) {
      const isLast = delivery === MAX_DELIVERIES
      onFailure(error, { kind: job.kind, isLast })
      const due = clock.now() + firstPause * 2 ** (delivery - 1)
      const put = isLast ? { pk: deadPk(name), sk } : queueKey(name, due)
      await table.transact([
        { delete: { pk, sk } },
        { put, item: { text, delivery: delivery + 1 } },
      ])
      return false
    }
  }
}
