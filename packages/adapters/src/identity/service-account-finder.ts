/** Service accounts as their tokens are checked: read at most every ten seconds each. */
import { BoundedMap } from '@sluice/core/bounded-map'
import type { Clock } from '@sluice/core/ports/clock'

export interface FoundAccount {
  readonly uid: string
  /** Seconds since the epoch. */
  readonly tokensValidAfter: number
}

export type FindAccount = (namespace: string, name: string) => Promise<FoundAccount | undefined>

/** How long a token outlives its account, or being revoked. */
const KEPT_FOR_MS = 10_000
const MOST = 10_000

interface Known {
  readonly account: FoundAccount
  readonly until: number
}

export class ServiceAccountFinder {
  readonly #read: FindAccount
  readonly #clock: Clock
  readonly #known = new BoundedMap<string, Known>(MOST)

  constructor(read: FindAccount, clock: Clock) {
    this.#read = read
    this.#clock = clock
  }

  async find(namespace: string, name: string): Promise<FoundAccount | undefined> {
    const key = `${namespace}/${name}`
    const known = this.#known.get(key)
    const now = this.#clock.now()
    if (known && now < known.until) return known.account
    this.#known.delete(key)
    const account = await this.#read(namespace, name)
    // One that is missing may be made at any moment.
    if (account) this.#known.set(key, { account, until: now + KEPT_FOR_MS })
    return account
  }
}
