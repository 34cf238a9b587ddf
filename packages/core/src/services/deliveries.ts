/** Brings events to those who want them: tried again with longer and longer pauses, and at last a dead letter. */
import { ObjectError } from '../object-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Identity } from '../ports/identity-provider.ts'
import { MAX_DELAY_MS, type Job, type Queue } from '../ports/queue.ts'
import type { Secrets } from '../ports/secrets.ts'
import { DeliveryError, type WebhookSender } from '../ports/webhook-sender.ts'
import type { ObjectDraft, StoredObject } from '../stored-object.ts'
import type { WebhookSettings } from '../webhook/webhook-settings.ts'
import type { DeadLetter } from './dead-letter-kind.ts'
import { EVENTS_MEDIA_TYPE } from './event-of.ts'
import { EVENT_JOB, type EventJob, type Webhook } from './events.ts'
import type { ObjectCollection } from './object-collection.ts'
import { signatureHeaders } from './signature-headers.ts'

/** Before the second try; three times as long before each further one. */
const FIRST_PAUSE_MS = 5_000

/** Dead letters are nobody's doing. */
const REGISTRY: Identity = { user: 'system:registry', groups: [] }

export interface Courier {
  readonly sender: WebhookSender
  readonly secrets: Secrets
  /** Told, for the log, of each try that failed. */
  readonly onUntaken: (event: UntakenEvent) => void
}

export interface UntakenEvent {
  readonly webhook: string
  readonly id: string
  readonly attempt: number
  readonly problem: string
  /** It is tried no more. */
  readonly isDead: boolean
}

export class Deliveries {
  readonly #webhooks: ObjectCollection<WebhookSettings>
  readonly #deadLetters: ObjectCollection<DeadLetter>
  readonly #queue: Queue
  readonly #clock: Clock
  readonly #courier: Courier | undefined

  /** `courier`: of a process that delivers. */
  constructor(
    webhooks: ObjectCollection<WebhookSettings>,
    deadLetters: ObjectCollection<DeadLetter>,
    queue: Queue,
    clock: Clock,
    courier: Courier | undefined,
  ) {
    this.#webhooks = webhooks
    this.#deadLetters = deadLetters
    this.#queue = queue
    this.#clock = clock
    this.#courier = courier
  }

  /** One try. Throws only what is no failure of the receiver: then the queue gives the job again. */
  async do(job: Job): Promise<void> {
    const tried = job as EventJob
    const webhook = await this.#webhooks.get(undefined, tried.webhook)
    // Whoever removes a webhook wants to hear no more; another one of its name never asked.
    if (webhook?.meta.uid !== tried.webhookUid) return
    try {
      await this.#post(webhook, tried)
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error
      await this.#failed(webhook, tried, error)
    }
  }

  /** Sends a dead letter anew, from the first try on. NotFound where there is none. */
  async retry(name: string): Promise<void> {
    const found = await this.#deadLetters.get(undefined, name)
    if (!found) throw new ObjectError('NotFound', `deadletters.sluice.dev "${name}" not found`)
    const { webhook, webhookUid, eventId, event } = found.content
    const job: EventJob = { kind: EVENT_JOB, webhook, webhookUid, eventId, event, attempt: 1 }
    await this.#queue.send(job)
    await this.#drop(found)
  }

  async #post({ meta, content }: Webhook, { eventId, event }: EventJob): Promise<void> {
    if (!this.#courier) throw new Error('this process delivers no events')
    const { sender, secrets } = this.#courier
    const body = `{"events":[${event}]}`
    const { secretName } = content
    const secret = secretName === undefined ? undefined : await secretOf(secrets, secretName)
    const headers = {
      'content-type': EVENTS_MEDIA_TYPE,
      ...signatureHeaders(eventId, this.#clock.now(), body, secret),
    }
    const status = await sender.post(meta.name, content, headers, body)
    if (status < 200 || status > 299) throw new DeliveryError(`it answered ${status}`)
  }

  async #failed({ content }: Webhook, job: EventJob, { message }: Error): Promise<void> {
    const { webhook, webhookUid, eventId, event, attempt } = job
    const isDead = attempt >= content.attempts
    this.#courier?.onUntaken({ webhook, id: eventId, attempt, problem: message, isDead })
    if (!isDead) {
      const delay = Math.min(MAX_DELAY_MS, FIRST_PAUSE_MS * 3 ** (attempt - 1))
      await this.#queue.send({ ...job, attempt: attempt + 1 }, { delay })
      return
    }
    const name = `${webhook}-${eventId}`
    const letter = { webhook, webhookUid, eventId, event, attempts: attempt, lastError: message }
    await this.#bury({ name, content: letter })
  }

  /** The job may have come twice, or be that of a letter which is about to go: what is written now stays. */
  async #bury(letter: ObjectDraft<DeadLetter>): Promise<void> {
    const letters = this.#deadLetters
    for (let gone = true; gone;) {
      if (!(await isRefused('AlreadyExists', letters.create(REGISTRY, undefined, letter)))) return
      gone = await isRefused('NotFound', letters.replace(REGISTRY, undefined, letter))
    }
  }

  /** Not one that was written since. */
  async #drop({ meta: { name, resourceVersion } }: StoredObject<DeadLetter>): Promise<void> {
    const removed = this.#deadLetters.remove(REGISTRY, undefined, name, { resourceVersion })
    await isRefused('NotFound', isRefused('Conflict', removed))
  }
}

/** Whether it was refused for that reason. */
async function isRefused(reason: ObjectError['reason'], work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return false
  } catch (error) {
    if (error instanceof ObjectError && error.reason === reason) return true
    throw error
  }
}

/** One that cannot be read now is tried again for as long as a receiver that does not answer. */
async function secretOf(secrets: Secrets, name: string): Promise<string> {
  const found = await secrets.read(name).catch((error: unknown) => {
    throw new DeliveryError(`its secret ${name} cannot be read`, { cause: error })
  })
  const secret = found?.trim()
  if (!secret) throw new DeliveryError(`its secret ${name} is not there`)
  return secret
}
