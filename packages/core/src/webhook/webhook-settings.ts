/** What the owner of a registry says of somebody who is to be told of what is done in it. */
import type { ImageAction } from '../activity.ts'

export interface WebhookSettings {
  /** `https://host[:port]/path`. */
  readonly url: string
  /** Of the secret that signs what is sent: `whsec_` and base64. Without it nothing is signed. */
  readonly secretName?: string
  /** None: all of them. */
  readonly actions: readonly ImageAction[]
  /** Of manifests and blobs; none: all of them, and what has none (deletions). */
  readonly mediaTypes: readonly string[]
  /** Patterns of names; none: all of them. */
  readonly projects: readonly string[]
  /** How often one event is tried before it is a dead letter. */
  readonly attempts: number
  /** PEM, instead of the system's authorities. */
  readonly certificateAuthority?: string
  /** http, or certificates of anybody. */
  readonly insecure: boolean
  /** Private, loopback and link-local addresses. */
  readonly privateAddresses: boolean
}

export const MOST_ATTEMPTS = 20

export const WEBHOOK_DEFAULTS: Omit<WebhookSettings, 'url'> = {
  actions: [],
  mediaTypes: [],
  projects: [],
  attempts: MOST_ATTEMPTS,
  insecure: false,
  privateAddresses: false,
}
