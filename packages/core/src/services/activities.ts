/** Tells others what was done: the audit, and those who asked for events. Noted once, by whoever answers the request. */
import { randomUUID } from 'node:crypto'
import type { Activity, Deed, RequestFacts } from '../activity.ts'
import type { Clock } from '../ports/clock.ts'
import type { Identity } from '../ports/identity-provider.ts'
import type { Events, Webhook } from './events.ts'

export interface Audit {
  /** Whether pulls are written down as well as what changes something. */
  readonly pulls: boolean
  readonly write: (activity: Activity) => void
}

export class Activities {
  readonly #clock: Clock
  readonly #audit: Audit | undefined
  readonly #events: Events | undefined

  constructor(clock: Clock, audit: Audit | undefined, events: Events | undefined) {
    this.#clock = clock
    this.#audit = audit
    this.#events = events
  }

  /** To be awaited before the answer; never throws. Where nobody is to be told it is over at once, and `request` is not asked. */
  note(
    deed: Deed,
    actor: Identity | undefined,
    request: () => RequestFacts,
  ): Promise<void> | undefined {
    const webhooks = deed.kind === 'image' ? this.#events?.wanting(deed) : undefined
    if (webhooks instanceof Promise) {
      return webhooks.then((wanting) => this.#tell(deed, actor, request, wanting))
    }
    return this.#tell(deed, actor, request, webhooks ?? [])
  }

  #tell(
    deed: Deed,
    actor: Identity | undefined,
    request: () => RequestFacts,
    webhooks: readonly Webhook[],
  ): Promise<void> | undefined {
    const audit = this.#isAudited(deed) ? this.#audit : undefined
    if (!audit && webhooks.length === 0) return undefined
    const told = { id: randomUUID(), at: this.#clock.now(), actor, request: request() }
    audit?.write({ ...told, deed })
    if (deed.kind !== 'image' || webhooks.length === 0) return undefined
    return this.#events?.send({ ...told, deed }, webhooks)
  }

  #isAudited(deed: Deed): boolean {
    if (!this.#audit) return false
    return this.#audit.pulls || deed.kind !== 'image' || deed.action !== 'pull'
  }
}
