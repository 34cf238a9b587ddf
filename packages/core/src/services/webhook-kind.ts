/** Webhooks as objects of the API. */
import { ObjectError } from '../object-error.ts'
import { webhookProblems } from '../webhook/webhook-problems.ts'
import type { WebhookSettings } from '../webhook/webhook-settings.ts'
import type { ObjectKind } from './object-kind.ts'
import { SLUICE_GROUP } from './upstream-kind.ts'

/** `sends`: whether this registry sends events at all. */
export const webhookKind = (sends: boolean): ObjectKind<WebhookSettings> => ({
  kind: 'Webhook',
  resource: 'webhooks',
  group: SLUICE_GROUP,
  problems: ({ name, content }) => webhookProblems(name, content),
  admit: async () => {
    if (sends) return
    throw new ObjectError(
      'BadRequest',
      'this registry sends no events: deploy it with events: true',
    )
  },
})
