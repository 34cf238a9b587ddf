/** Webhooks as `sluice.dev/v1` writes them. */
import type { ImageAction } from '@sluice/core/activity'
import { WEBHOOK_DEFAULTS, type WebhookSettings } from '@sluice/core/webhook/webhook-settings'
import type { Form } from './collection-store.ts'
import { badRequest, membersOf, textOf, textsOf, type Members } from './wire-object.ts'

export const webhookForm: Form<WebhookSettings> = {
  apiVersion: 'sluice.dev/v1',
  kind: 'Webhook',
  write: (settings) => ({ spec: { ...settings } }),
  read: (object) => settingsOf(membersOf(object['spec'], 'spec')),
}

function settingsOf(spec: Members): WebhookSettings {
  const texts = (field: string) => textsOf(spec[field], `spec.${field}`)
  const text = (field: 'secretName' | 'certificateAuthority') => {
    const value = textOf(spec[field], `spec.${field}`)
    return value === '' ? {} : { [field]: value }
  }
  const flag = (field: 'insecure' | 'privateAddresses'): boolean => {
    const value = spec[field] ?? WEBHOOK_DEFAULTS[field]
    if (typeof value === 'boolean') return value
    throw badRequest(`spec.${field} must be true or false`)
  }
  const attempts = spec['attempts'] ?? WEBHOOK_DEFAULTS.attempts
  if (typeof attempts !== 'number') throw badRequest('spec.attempts must be a number')
  return {
    url: textOf(spec['url'], 'spec.url'),
    ...text('secretName'),
    // What is none of the words that it may be is refused by core, with the field's name.
    actions: texts('actions') as readonly ImageAction[],
    mediaTypes: texts('mediaTypes'),
    projects: texts('projects'),
    attempts,
    ...text('certificateAuthority'),
    insecure: flag('insecure'),
    privateAddresses: flag('privateAddresses'),
  }
}
