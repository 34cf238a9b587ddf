/** The queue of a registry that is one machine, in its table: what was sent is there after a restart as well. */
import type { Clock } from '@sluice/core/ports/clock'
import { jobText } from '@sluice/core/ports/job-text'
import type { Job, QueueState, WatchedQueue } from '@sluice/core/ports/queue'
import { MAX_PAGE_RECORDS } from '@sluice/core/ports/table-limits'
import type { Key, Table, TableRecord } from '@sluice/core/ports/table'
import { randomId } from '@sluice/core/records/keys'

/** In the order in which they are due; fifteen digits of milliseconds. */
export const queueKey = (name: string, due: number): Key => ({
  pk: queuePk(name),
  sk: `${String(Math.floor(due)).padStart(15, '0')}#${randomId()}`,
})

export const queuePk = (name: string): string => `queue#${name}`

/** Of jobs that were given up. */
export const deadPk = (name: string): string => `${queuePk(name)}#dead`

/** When a job is due, of its key. */
export const dueOf = (sk: string): number => Number(sk.slice(0, 15))

export class TableQueue implements WatchedQueue {
  readonly #table: Table
  readonly #clock: Clock
  readonly #name: string

  constructor(table: Table, clock: Clock, name: string) {
    this.#table = table
    this.#clock = clock
    this.#name = name
  }

  async send(job: Job, { delay = 0 }: { readonly delay?: number } = {}): Promise<void> {
    const item = { text: jobText(job), delivery: 1 }
    const put = queueKey(this.#name, this.#clock.now() + delay)
    await this.#table.transact([{ put, item, when: 'absent' }])
  }

  async state(): Promise<QueueState> {
    const [waiting, dead] = await Promise.all([
      this.#records(queuePk(this.#name)),
      this.#records(deadPk(this.#name)),
    ])
    const first = waiting[0]
    return { waiting: waiting.length, dueSince: first && dueOf(first.sk), dead: dead.length }
  }

  /** Reads no dead letter: nobody may have looked at them for long, and they are whole jobs. */
  async waiting(): Promise<number> {
    return (await this.#records(queuePk(this.#name))).length
  }

  async #records(pk: string): Promise<readonly TableRecord[]> {
    return (await this.#table.query(pk, { limit: MAX_PAGE_RECORDS })).records
  }
}
