/** Tells others what was done: the audit, and those who asked for events. Noted once, by whoever answers the request. */
import { randomUUID } from 'node:crypto'
import type { Activity, Deed, RequestFacts } from '../activity.ts'
import type { Clock } from '../ports/clock.ts'
import type { Identity } from '../ports/identity-provider.ts'

export interface Audit {
  /** Whether pulls are written down as well as what changes something. */
  readonly pulls: boolean
  readonly write: (activity: Activity) => void
}

export class Activities {
  readonly #clock: Clock
  readonly #audit: Audit | undefined

  constructor(clock: Clock, audit: Audit | undefined) {
    this.#clock = clock
    this.#audit = audit
  }

  /** Never throws: what was done was done. Where nobody is to be told it costs nothing, and `request` is not asked. */
  note(
    deed: Deed,
    actor: Identity | undefined,
    request: () => RequestFacts,
  ): Promise<void> | undefined {
    const audit = this.#isAudited(deed) ? this.#audit : undefined
    if (!audit) return undefined
    audit.write({ id: randomUUID(), at: this.#clock.now(), deed, actor, request: request() })
    return undefined
  }

  #isAudited(deed: Deed): boolean {
    if (!this.#audit) return false
    return this.#audit.pulls || deed.kind !== 'image' || deed.action !== 'pull'
  }
}
