/** How what was done is told to somebody else's server. */
import type { WebhookSettings } from '../webhook/webhook-settings.ts'

/** Nothing came of it. `message` says what, for the owner of the registry; never a secret. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError'
}

export interface WebhookSender {
  /**
   * Answers with the status of the answer, whatever it is; no redirect is followed. Throws `DeliveryError` when none came in
   * time, or where the settings do not let it be asked (an address that is not public).
   */
  post(
    name: string,
    settings: WebhookSettings,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<number>
}
