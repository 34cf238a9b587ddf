/** An event that was taken is told, or is a dead letter that somebody can see: it is never neither. */
import { FileSecrets } from '@sluice/adapters/local/file-secrets'
import { HttpWebhookSender } from '@sluice/adapters/webhooks/http-webhook-sender'
import type { Job } from '@sluice/core/ports/queue'
import { createRegistry, type Registry } from '@sluice/core/registry'
import type { UntakenEvent } from '@sluice/core/services/deliveries'
import { EVENT_JOB } from '@sluice/core/services/events'
import { WEBHOOK_DEFAULTS, type WebhookSettings } from '@sluice/core/webhook/webhook-settings'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openTemporaryRegistry, type TemporaryRegistry } from '../temporary-registry.ts'
import { startReceiver, type Receiver } from '../webhooks/start-receiver.ts'

const OWNER = { user: 'system:admin', groups: ['system:masters'] }

let temporary: TemporaryRegistry
let secrets: string
let receiver: Receiver
let registry: Registry
let send: (job: Job) => Promise<void>
let untaken: UntakenEvent[]
beforeEach(async () => {
  temporary = await openTemporaryRegistry()
  secrets = await mkdtemp(join(tmpdir(), 'sluice-secrets-'))
  receiver = await startReceiver()
  const queue = { send: async (job: Job) => send(job) }
  untaken = []
  const courier = {
    sender: new HttpWebhookSender(),
    secrets: new FileSecrets(secrets),
    onUntaken: (event: UntakenEvent) => void untaken.push(event),
  }
  const told = { onLost: () => undefined, onUnread: () => undefined }
  const events = { queue, freezes: true, addr: 'here', courier, ...told }
  registry = createRegistry({ ...temporary, events })
})
afterEach(async () => {
  await receiver.close()
  await temporary.close()
  await rm(secrets, { recursive: true })
})

async function jobFor(settings: Partial<WebhookSettings>): Promise<Job> {
  const reach = { url: receiver.url, insecure: true, privateAddresses: true }
  const content = { ...WEBHOOK_DEFAULTS, ...reach, ...settings }
  const { meta } = await registry.webhooks.create(OWNER, undefined, { name: 'hook', content })
  const { name: webhook, uid: webhookUid } = meta
  return { kind: EVENT_JOB, webhook, webhookUid, eventId: '1', event: '{}', attempt: 1 }
}

const letters = async () =>
  (await registry.deadLetters.list(undefined, { limit: 10 })).objects.map(
    ({ meta, content: { attempts, lastError } }) => [meta.name, attempts, lastError],
  )

it('a secret that cannot be read is tried again as a receiver that does not answer', async () => {
  const job = await jobFor({ secretName: 'signing', attempts: 2 })
  await mkdir(join(secrets, 'signing'))
  const sent: Job[] = []
  send = async (again) => void sent.push(again)
  await registry.deliveries?.do(job)
  expect(sent).toEqual([{ ...job, attempt: 2 }])
  await registry.deliveries?.do(sent[0]!)
  expect(await letters()).toEqual([['hook-1', 2, 'its secret signing cannot be read']])
  expect(receiver.received).toEqual([])
  const one = { webhook: 'hook', id: '1', problem: 'its secret signing cannot be read' }
  expect(untaken).toEqual([
    { ...one, attempt: 1, isDead: false },
    { ...one, attempt: 2, isDead: true },
  ])
})

it('one that is sent anew and fails before its letter is gone is a dead letter still', async () => {
  const job = await jobFor({ attempts: 1 })
  receiver.answer(500)
  await registry.deliveries?.do(job)
  expect(await letters()).toEqual([['hook-1', 1, 'it answered 500']])
  receiver.answer(410)
  // A queue whose worker is as fast as can be.
  send = async (again) => registry.deliveries?.do(again)
  await registry.deliveries?.retry('hook-1')
  expect(await letters()).toEqual([['hook-1', 1, 'it answered 410']])
  receiver.answer(200)
  await registry.deliveries?.retry('hook-1')
  expect([await letters(), receiver.received.length]).toEqual([[], 3])
})
