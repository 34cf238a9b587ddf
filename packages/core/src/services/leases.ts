/**
 * Work that is worth doing once for all who want it: in this process they share the promise, between processes one holds a
 * lease and the others look again and again whether it is done. A holder who died is followed by the next.
 */
import type { Clock } from '../ports/clock.ts'
import type { Table } from '../ports/table.ts'
import { mayLive, type Policy } from '../policy.ts'
import { leaseKey, randomId } from '../records/keys.ts'
import { leaseRecord } from '../records/lease-record.ts'
import { pause } from './pause.ts'

/** A holder without a sign of life for so long is dead. */
const LIFE_MS = 15_000
const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 250

export class Leases {
  readonly #table: Table
  readonly #clock: Clock
  readonly #policy: Policy
  readonly #onWait: ((name: string) => void) | undefined
  readonly #running = new Map<string, Promise<unknown>>()

  /** `onWait`: told of each who waits for another's work. */
  constructor(table: Table, clock: Clock, policy: Policy, onWait?: (name: string) => void) {
    this.#table = table
    this.#clock = clock
    this.#policy = policy
    this.#onWait = onWait
  }

  /**
   * `look` answers what is there already, `work` makes it; whoever fails tells all who wait for him in this process.
   * `name` stands for one kind of answer only.
   */
  alone<T>(name: string, look: () => Promise<T | undefined>, work: () => Promise<T>): Promise<T> {
    const running = this.#running.get(name) as Promise<T> | undefined
    if (running) {
      this.#onWait?.(name)
      return running
    }
    const started = this.#alone(name, look, work).finally(() => this.#running.delete(name))
    this.#running.set(name, started)
    return started
  }

  async #alone<T>(
    name: string,
    look: () => Promise<T | undefined>,
    work: () => Promise<T>,
  ): Promise<T> {
    for (let ms = FIRST_PAUSE_MS; ; ms = Math.min(2 * ms, LONGEST_PAUSE_MS)) {
      const found = await look()
      if (found !== undefined) return found
      const holder = await this.#take(name)
      if (holder !== undefined) return this.#hold(name, holder, look, work)
      if (ms === FIRST_PAUSE_MS) this.#onWait?.(name)
      await pause(ms)
    }
  }

  async #hold<T>(
    name: string,
    holder: string,
    look: () => Promise<T | undefined>,
    work: () => Promise<T>,
  ): Promise<T> {
    const key = leaseKey(name)
    const when = { equals: { holder } }
    const heart = setInterval(() => {
      const set = { until: this.#clock.now() + LIFE_MS }
      // Where no sign of life gets through the lease runs out, and somebody does the work again: that does no harm.
      this.#table.transact([{ update: key, set, when }]).catch(() => undefined)
    }, LIFE_MS / 3)
    heart.unref?.()
    try {
      // Whoever held it before may have done it.
      return (await look()) ?? (await work())
    } finally {
      clearInterval(heart)
      await this.#table.transact([{ delete: key, when }]).catch(() => undefined)
    }
  }

  async #take(name: string): Promise<string | undefined> {
    const key = leaseKey(name)
    const now = this.#clock.now()
    const item = await this.#table.get(key)
    const lease = item && leaseRecord(item)
    if (lease && mayLive(lease.until, lease.claimedBy, now, this.#policy)) return undefined
    const holder = randomId()
    const outcome = await this.#table.transact([
      {
        put: key,
        item: { holder, claimedBy: this.#policy.claimant ?? '', until: now + LIFE_MS },
        when: lease ? { equals: { holder: lease.holder } } : 'absent',
      },
    ])
    return outcome.ok ? holder : undefined
  }
}
