/** Who is told of what is done, and what he did not take, for a reader. */
import type { ApiObject } from '../api-client.ts'
import { withSpaces } from '../tab-writer.ts'
import { listed } from './listed.ts'
import { kubernetesMetadata } from './metadata.ts'

interface WebhookSpec {
  readonly url: string
  readonly secretName?: string
  readonly actions: readonly string[]
  readonly mediaTypes: readonly string[]
  readonly projects: readonly string[]
  readonly attempts: number
  readonly certificateAuthority?: string
  readonly insecure: boolean
  readonly privateAddresses: boolean
}

interface Event {
  readonly id: string
  readonly timestamp: string
  readonly action: string
  readonly target: {
    readonly repository: string
    readonly tag?: string
    readonly digest?: string
    readonly mediaType?: string
  }
  readonly actor: { readonly name?: string }
}

interface LetterSpec {
  readonly webhook: string
  readonly event: Event
}

/** `letters`: all dead letters; `undefined` where the caller may not know. */
export function describeWebhook(
  webhook: ApiObject,
  letters: readonly ApiObject[] | undefined,
): string {
  const spec = webhook['spec'] as WebhookSpec
  const own = letters?.filter(
    (one) => (one['spec'] as LetterSpec).webhook === webhook.metadata.name,
  )
  return withSpaces([
    ...kubernetesMetadata(webhook),
    `URL:\t${spec.url}`,
    `Secret:\t${spec.secretName ?? '<none>'}`,
    `Actions:\t${listed(spec.actions, '<all>')}`,
    `Media types:\t${listed(spec.mediaTypes, '<all>')}`,
    `Projects:\t${listed(spec.projects, '<all>')}`,
    `Attempts:\t${spec.attempts}`,
    `Insecure:\t${spec.insecure}`,
    `Private addresses:\t${spec.privateAddresses}`,
    `Authorities:\t${spec.certificateAuthority === undefined ? "<the system's>" : '<its own>'}`,
    `Dead letters:\t${own ? own.length : '<unknown>'}`,
  ])
}

export function describeDeadLetter(letter: ApiObject): string {
  const { webhook, event } = letter['spec'] as LetterSpec
  const { attempts, lastError } = letter['status'] as Readonly<Record<string, unknown>>
  const { repository, tag, digest, mediaType } = event.target
  return withSpaces([
    ...kubernetesMetadata(letter),
    `Webhook:\t${webhook}`,
    `Attempts:\t${String(attempts)}`,
    `Last error:\t${String(lastError)}`,
    'Event:',
    `  Action:\t${event.action}`,
    `  Time:\t${event.timestamp}`,
    `  Repository:\t${repository}`,
    `  Tag:\t${tag ?? '<none>'}`,
    `  Digest:\t${digest ?? '<none>'}`,
    `  Media type:\t${mediaType ?? '<none>'}`,
    `  Actor:\t${event.actor.name ?? '<unknown>'}`,
  ])
}
