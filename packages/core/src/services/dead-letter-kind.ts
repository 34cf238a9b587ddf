/** Events that were given up, as objects of the API; the registry alone makes them. */
import type { ObjectKind } from './object-kind.ts'
import { SLUICE_GROUP } from './upstream-kind.ts'

export interface DeadLetter {
  readonly webhook: string
  /** Of the webhook: another one of its name does not get it. */
  readonly webhookUid: string
  readonly eventId: string
  /** As it was sent, JSON. */
  readonly event: string
  readonly attempts: number
  readonly lastError: string
}

export const deadLetterKind: ObjectKind<DeadLetter> = {
  kind: 'DeadLetter',
  resource: 'deadletters',
  group: SLUICE_GROUP,
  problems: () => [],
}
