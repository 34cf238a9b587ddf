/** The queue of a registry that is one process: what it has not done when the process ends is forgotten. */
import { jobText, parseJob } from '@sluice/core/ports/job-text'
import { MAX_DELIVERIES, type Job, type JobHandlers, type Queue } from '@sluice/core/ports/queue'
import { StorageError } from '@sluice/core/ports/storage-error'
import { doJob } from '@sluice/core/services/do-job'

const MAX_HELD = 10_000
const AT_ONCE = 4
const FIRST_PAUSE_MS = 1000

export interface MemoryQueueOptions {
  readonly handlers: JobHandlers
  /** Told of each try that failed; `delivery` counts from 1, `isLast` says that the job is a dead letter now. */
  readonly onFailure: (thrown: unknown, failed: FailedDelivery) => void
  /** Jobs waiting and under way; one more is refused. */
  readonly maxHeld?: number
  /** Milliseconds before the second try of a job; twice as long before each further one. */
  readonly firstPause?: number
}

export interface FailedDelivery {
  readonly kind: string
  readonly delivery: number
  readonly isLast: boolean
}

/** A job that waits for its turn. */
interface Waiting {
  readonly text: string
  readonly delivery: number
}

export class MemoryQueue implements Queue {
  readonly #options: MemoryQueueOptions
  readonly #due: Waiting[] = []
  readonly #pauses = new Set<NodeJS.Timeout>()
  readonly #underWay = new Set<Promise<void>>()
  #deadLetters = 0
  #closed = false

  constructor(options: MemoryQueueOptions) {
    this.#options = options
  }

  /** Jobs that were given up. */
  get deadLetters(): number {
    return this.#deadLetters
  }

  async send(job: Job, { delay = 0 }: { readonly delay?: number } = {}): Promise<void> {
    const text = jobText(job)
    if (this.#closed) throw new StorageError('unavailable', 'the queue is closed', undefined)
    const held = this.#due.length + this.#pauses.size + this.#underWay.size
    if (held >= (this.#options.maxHeld ?? MAX_HELD)) {
      throw new StorageError('full', `the queue holds ${held} jobs`, undefined)
    }
    if (delay > 0) return this.#after(delay, { text, delivery: 1 })
    this.#due.push({ text, delivery: 1 })
    this.#deliver()
  }

  /** Waits for the jobs under way, and forgets those that wait. */
  async close(): Promise<void> {
    this.#closed = true
    this.#due.length = 0
    for (const pause of this.#pauses) clearTimeout(pause)
    this.#pauses.clear()
    await Promise.all(this.#underWay)
  }

  #deliver(): void {
    while (this.#underWay.size < AT_ONCE) {
      const waiting = this.#due.shift()
      if (waiting === undefined) return
      const delivery = this.#try(waiting).finally(() => {
        this.#underWay.delete(delivery)
        this.#deliver()
      })
      this.#underWay.add(delivery)
    }
  }

  async #try({ text, delivery }: Waiting): Promise<void> {
    const job = parseJob(text)
    try {
      await doJob(this.#options.handlers, job)
    } catch (error) {
      const isLast = delivery === MAX_DELIVERIES
      if (isLast) this.#deadLetters += 1
      else this.#tryLater({ text, delivery: delivery + 1 })
      this.#options.onFailure(error, { kind: job.kind, delivery, isLast })
    }
  }

  #tryLater(waiting: Waiting): void {
    if (this.#closed) return
    const { firstPause = FIRST_PAUSE_MS } = this.#options
    const longest = firstPause * 2 ** (waiting.delivery - 2)
    this.#after(longest * (0.5 + Math.random() / 2), waiting)
  }

  #after(milliseconds: number, waiting: Waiting): void {
    const pause = setTimeout(() => {
      this.#pauses.delete(pause)
      this.#due.push(waiting)
      this.#deliver()
    }, milliseconds)
    // Work that nobody waits for keeps no process alive.
    pause.unref()
    this.#pauses.add(pause)
  }
}
