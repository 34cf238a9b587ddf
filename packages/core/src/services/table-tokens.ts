/** Upstreams' tokens in the table, for every process of the registry. */
import type { Clock } from '../ports/clock.ts'
import type { SharedTokens } from '../ports/shared-tokens.ts'
import type { Table } from '../ports/table.ts'
import { BoundedMap } from '../bounded-map.ts'
import { upstreamTokenKey } from '../records/keys.ts'
import { putSweep } from '../records/sweep-record.ts'
import type { Leases } from './leases.ts'

/** Of its life, what a token is not used for any more: a request that takes it along may wait in a queue. */
const SLACK = 1 / 4
const MOST_SLACK_MS = 60_000
const MOST = 10_000

interface Token {
  readonly token: string
  /** Until when it is used; milliseconds since the epoch. */
  readonly until: number
}

export class TableTokens implements SharedTokens {
  readonly #table: Table
  readonly #leases: Leases
  readonly #clock: Clock
  readonly #known = new BoundedMap<string, Token>(MOST)

  constructor(table: Table, leases: Leases, clock: Clock) {
    this.#table = table
    this.#leases = leases
    this.#clock = clock
  }

  async take(key: string, fetch: Parameters<SharedTokens['take']>[1]): Promise<string> {
    const known = this.#known.get(key)
    if (known && this.#lasts(known)) return known.token
    const taken = await this.#leases.alone(
      `token#${key}`,
      () => this.#find(key),
      async () => {
        const { token, expiresAt } = await fetch()
        const life = expiresAt - this.#clock.now()
        const until = expiresAt - Math.min(MOST_SLACK_MS, life * SLACK)
        const put = upstreamTokenKey(key)
        await this.#table.transact([
          { put, item: { token, until } },
          putSweep(expiresAt, { kind: 'passing', partition: put.pk }),
        ])
        return { token, until }
      },
    )
    this.#known.set(key, taken)
    return taken.token
  }

  async forget(key: string, token: string): Promise<void> {
    if (this.#known.get(key)?.token === token) this.#known.delete(key)
    await this.#table.transact([{ delete: upstreamTokenKey(key), when: { equals: { token } } }])
  }

  async #find(key: string): Promise<Token | undefined> {
    const item = await this.#table.get(upstreamTokenKey(key))
    const found = item && { token: item.token as string, until: item.until as number }
    return found && this.#lasts(found) ? found : undefined
  }

  #lasts({ until }: Token): boolean {
    return until > this.#clock.now()
  }
}
