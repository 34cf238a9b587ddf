/** Work that nobody waits for. */

/** A plain value that says what to do and to what; never a secret, since a queue may show its jobs to an operator. */
export interface Job {
  readonly kind: string
  readonly [name: string]: string | number | boolean
}

/** Of each kind of job, what does it. Done when it returns; what it throws means later, again. */
export interface JobHandlers {
  readonly [kind: string]: (job: Job) => Promise<void>
}

/** Times that a job is tried before it is put among the dead letters, where it waits for somebody to look at it. */
export const MAX_DELIVERIES = 5

/** Fifteen minutes: SQS holds nothing back for longer. */
export const MAX_DELAY_MS = 900_000

export interface QueueState {
  /** As `waiting` says. */
  readonly waiting: number
  /** When the one that waits longest became due, in milliseconds since the epoch; the engine may not know. */
  readonly dueSince?: number | undefined
  /** Jobs that were given up. */
  readonly dead: number
}

/** One that says how it is. */
export interface WatchedQueue extends Queue {
  state(): Promise<QueueState>
  /**
   * Jobs that are not done: those that are held back and those under way among them; where there are many, perhaps not
   * all. One call, that a scrape may make.
   */
  waiting(): Promise<number>
}

export interface Queue {
  /**
   * When it returns the job will be done, at least once: perhaps twice, perhaps beside itself, in no order. A handler
   * that throws gets the job again after a pause, up to `MAX_DELIVERIES` times; a kind without a handler ends among the
   * dead letters too. Throws `JobLimitError` for what is no job or too large, `StorageError` where the job was perhaps
   * not taken. `delay`: milliseconds before the first try, `MAX_DELAY_MS` at most.
   */
  send(job: Job, options?: { readonly delay?: number }): Promise<void>
}
