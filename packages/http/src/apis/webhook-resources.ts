/** Who is told of what is done, and what could not be told, as the admin API serves them. */
import type { Registry } from '@sluice/core/registry'
import type { DeadLetter } from '@sluice/core/services/dead-letter-kind'
import { SLUICE_GROUP } from '@sluice/core/services/upstream-kind'
import { collectionStore, type Form } from './collection-store.ts'
import { AGE, NAME } from './columns.ts'
import { EVERY_VERB } from './every-verb.ts'
import type { Resource } from './resource.ts'
import { ANYTHING, described, NUMBER, objectOf, TEXT, TEXTS, TRUTH, wholeSchema } from './schema.ts'
import { badRequest, listOf, membersOf, shownText, type Json } from './wire-object.ts'
import { webhookForm } from './webhook-form.ts'

const WEBHOOK = wholeSchema('A server that is told of pushes, pulls, mounts and deletions.', {
  properties: {
    spec: objectOf({
      url: described("Where events are posted to, in distribution's envelope.", TEXT),
      secretName: described('Of the secret that signs them: whsec_ and base64.', TEXT),
      actions: described('push, pull, mount, delete; none is all.', TEXTS),
      mediaTypes: described('Of manifests and blobs; none is all.', TEXTS),
      projects: described('Patterns of their names; none is all.', TEXTS),
      attempts: described('Tries before an event is a dead letter, 1 to 20.', NUMBER),
      certificateAuthority: described("PEM, instead of the system's authorities.", TEXT),
      insecure: described('http, or certificates of anybody.', TRUTH),
      privateAddresses: described('Private, loopback and link-local addresses.', TRUTH),
    }),
  },
  required: ['spec'],
})

const DEAD_LETTER = wholeSchema('An event that its webhook did not take.', {
  properties: {
    spec: objectOf({ webhook: TEXT, event: ANYTHING }),
    status: objectOf({ attempts: NUMBER, lastError: TEXT }),
  },
})

const deadLetterForm: Form<DeadLetter> = {
  apiVersion: 'sluice.dev/v1',
  kind: 'DeadLetter',
  write: ({ webhook, event, attempts, lastError }) => ({
    spec: { webhook, event: JSON.parse(event) as Json },
    status: { attempts, lastError },
  }),
  read: () => {
    throw badRequest('the registry alone makes dead letters')
  },
}

const textIn =
  (part: 'spec' | 'status', field: string) => (object: { readonly [name: string]: Json }) =>
    shownText(membersOf(object[part], part)[field])

export function webhookResources({ webhooks, deadLetters }: Registry): readonly Resource[] {
  const { get, list, remove } = collectionStore(deadLetters, deadLetterForm)
  return [
    {
      group: SLUICE_GROUP,
      version: 'v1',
      kind: 'Webhook',
      plural: 'webhooks',
      singular: 'webhook',
      namespaced: false,
      verbs: EVERY_VERB,
      columns: [
        NAME,
        { name: 'URL', cell: textIn('spec', 'url') },
        {
          name: 'Actions',
          cell: ({ spec }) => {
            const actions = listOf(membersOf(spec, 'spec')['actions'], 'actions').map(shownText)
            return actions.length === 0 ? 'all' : actions.join(',')
          },
        },
        AGE,
      ],
      schema: WEBHOOK,
      store: collectionStore(webhooks, webhookForm),
    },
    {
      group: SLUICE_GROUP,
      version: 'v1',
      kind: 'DeadLetter',
      plural: 'deadletters',
      singular: 'deadletter',
      namespaced: false,
      verbs: ['delete', 'deletecollection', 'get', 'list'],
      columns: [
        NAME,
        { name: 'Webhook', cell: textIn('spec', 'webhook') },
        { name: 'Last error', cell: textIn('status', 'lastError') },
        AGE,
      ],
      schema: DEAD_LETTER,
      store: { get, ...(list && { list }), ...(remove && { remove }) },
    },
  ]
}
