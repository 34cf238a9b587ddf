/** Hands what was done to the queue, once for each webhook that wants to know it. */
import { randomUUID } from 'node:crypto'
import type { Deed } from '../activity.ts'
import type { Clock } from '../ports/clock.ts'
import type { Job, Queue } from '../ports/queue.ts'
import { projectOf } from '../repository-name.ts'
import type { StoredObject } from '../stored-object.ts'
import { matchesPattern } from '../upstream/matches-pattern.ts'
import type { WebhookSettings } from '../webhook/webhook-settings.ts'
import { eventOf, type EventSource, type ImageActivity } from './event-of.ts'
import type { ObjectCollection } from './object-collection.ts'

export const EVENT_JOB = 'event'

/** How long settings that were read are used again. */
const AGE_MS = 10_000
/** More webhooks than that are not configured by hand. */
const MOST = 1000

export type Webhook = StoredObject<WebhookSettings>

/** One event for one webhook. */
export interface EventJob extends Job {
  readonly kind: typeof EVENT_JOB
  readonly webhook: string
  readonly webhookUid: string
  readonly eventId: string
  /** JSON. */
  readonly event: string
  /** Counts from 1. */
  readonly attempt: number
}

export interface EventsOptions {
  readonly queue: Queue
  /** What runs this is frozen with its answer: then pulls are told before it as well. */
  readonly freezes: boolean
  /** The name of this machine or function. */
  readonly addr: string
  /** Told, for the log, that the webhooks could not be read, and of events that are lost. */
  readonly onUnread: (why: unknown) => void
  readonly onLost: (event: { readonly id: string; readonly webhook: string }, why: unknown) => void
}

type ImageDeed = Extract<Deed, { readonly kind: 'image' }>

export class Events {
  readonly #webhooks: ObjectCollection<WebhookSettings>
  readonly #clock: Clock
  readonly #options: EventsOptions
  readonly #source: EventSource
  #known: { readonly webhooks: readonly Webhook[]; readonly readAt: number } | undefined

  constructor(webhooks: ObjectCollection<WebhookSettings>, clock: Clock, options: EventsOptions) {
    this.#webhooks = webhooks
    this.#clock = clock
    this.#options = options
    this.#source = { addr: options.addr, instanceID: randomUUID() }
  }

  /** Who is to be told; at once, while what was read is fresh. */
  wanting(deed: ImageDeed): readonly Webhook[] | Promise<readonly Webhook[]> {
    const now = this.#clock.now()
    const known = this.#known
    if (known && now >= known.readAt && now - known.readAt < AGE_MS) {
      return known.webhooks.length === 0 ? known.webhooks : wantingIn(known.webhooks, deed)
    }
    return this.#read(now).then((webhooks) => wantingIn(webhooks, deed))
  }

  /**
   * Ends when the queue has the events of a push, a mount or a deletion, so that the answer to the request comes after; of a
   * pull at once. What was done was done: an event that the queue does not take is lost, and told to the log.
   */
  async send(activity: ImageActivity, webhooks: readonly Webhook[]): Promise<void> {
    const event = JSON.stringify(eventOf(activity, this.#source))
    const sent = Promise.all(webhooks.map((webhook) => this.#sendTo(webhook, activity.id, event)))
    if (activity.deed.action !== 'pull' || this.#options.freezes) await sent
  }

  async #sendTo({ meta }: Webhook, eventId: string, event: string): Promise<void> {
    const job: EventJob = {
      kind: EVENT_JOB,
      webhook: meta.name,
      webhookUid: meta.uid,
      eventId,
      event,
      attempt: 1,
    }
    try {
      await this.#options.queue.send(job)
    } catch (error) {
      this.#options.onLost({ id: eventId, webhook: meta.name }, error)
    }
  }

  async #read(readAt: number): Promise<readonly Webhook[]> {
    try {
      const { objects: webhooks } = await this.#webhooks.list(undefined, { limit: MOST })
      this.#known = { webhooks, readAt }
      return webhooks
    } catch (error) {
      // What was asked for is done, or can be answered: it shall not fail for those who want to hear of it.
      this.#options.onUnread(error)
      return this.#known?.webhooks ?? []
    }
  }
}

function wantingIn(
  webhooks: readonly Webhook[],
  { action, target }: ImageDeed,
): readonly Webhook[] {
  const { mediaType, repository } = target
  const project = projectOf(repository)
  return webhooks.filter(({ content: { actions, mediaTypes, projects } }) => {
    if (actions.length > 0 && !actions.includes(action)) return false
    if (mediaTypes.length > 0 && (mediaType === undefined || !mediaTypes.includes(mediaType)))
      return false
    return projects.length === 0 || projects.some((pattern) => matchesPattern(pattern, project))
  })
}
