/** Events that the fill function brings to webhooks: over DynamoDB, SQS and the parameter store, in this process. */
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { PutParameterCommand } from '@aws-sdk/client-ssm'
import { cloudSettings } from '@sluice/adapters/aws/cloud-settings'
import type { CloudWing } from '@sluice/adapters/aws/cloud-wing'
import { WEBHOOK_DEFAULTS } from '@sluice/core/webhook/webhook-settings'
import { handler } from '@sluice/functions/fill'
import { jobQueue } from '@sluice/functions/job-queue'
import { openWing } from '@sluice/functions/open-wing'
import type { SQSRecord } from 'aws-lambda'
import { randomBytes, randomUUID } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startReceiver, type Receiver } from '../../webhooks/start-receiver.ts'
import { engineClients } from '../engines/engine-clients.ts'
import { engineUrls } from '../engines/engines.ts'
import { deadlineIn } from './deadline-in.ts'
import { openStage } from './open-stage.ts'

const OWNER = { user: 'system:admin', groups: ['system:masters'] }
const SECRET = `whsec_${randomBytes(32).toString('base64')}`

const tell = (job: object) => {
  const attributes = { ApproximateReceiveCount: '1' }
  const record = { messageId: 'one', body: JSON.stringify(job), attributes } as SQSRecord
  return handler({ Records: [record] }, deadlineIn(900_000))
}

describe('an event', () => {
  let receiver: Receiver
  let wing: CloudWing
  let queueUrl: string | undefined
  const uids = new Map<string, string>()
  const { sqs, ssm } = engineClients(engineUrls())

  beforeAll(async () => {
    receiver = await startReceiver()
    const { environment } = await openStage({ SLUICE_EVENTS: 'true' })
    queueUrl = environment['SLUICE_QUEUE_URL']
    const settings = cloudSettings(environment)
    wing = openWing(settings, { now: () => Date.now() }, { jobs: jobQueue(queueUrl ?? '') })
    const Name = `${environment['SLUICE_SECRETS_PREFIX']}/hook`
    await ssm.send(new PutParameterCommand({ Name, Value: SECRET, Type: 'SecureString' }))
    for (const [name, attempts] of [
      ['patient', 20],
      ['hasty', 1],
    ] as const) {
      const spec = { url: receiver.url, secretName: 'hook', attempts }
      const content = { ...WEBHOOK_DEFAULTS, ...spec, insecure: true, privateAddresses: true }
      const { meta } = await wing.registry.webhooks.create(OWNER, undefined, { name, content })
      uids.set(name, meta.uid)
    }
  })
  beforeEach(() => {
    receiver.answer(200)
    receiver.forget()
  })
  afterAll(() => receiver?.close())

  const jobOf = (webhook: string) => ({
    kind: 'event',
    webhook,
    webhookUid: uids.get(webhook) ?? '',
    eventId: randomUUID(),
    event: JSON.stringify({ action: 'push', target: {} }),
    attempt: 1,
  })
  it('is brought, signed with the secret of the parameter store', async () => {
    const job = jobOf('patient')
    expect(await tell(job)).toEqual({ batchItemFailures: [] })
    const [{ headers, body } = { headers: {}, body: '' }] = receiver.received
    expect(headers).toMatchObject({ 'webhook-id': job.eventId })
    const signed = headers as Record<string, string>
    expect(new Webhook(SECRET).verify(body, signed)).toEqual({
      events: [{ action: 'push', target: {} }],
    })
  })

  it('that was not taken is in the queue again, held back for a while', async () => {
    receiver.answer(500)
    const job = jobOf('patient')
    expect(await tell(job)).toEqual({ batchItemFailures: [] })
    const receive = { QueueUrl: queueUrl, WaitTimeSeconds: 20 }
    const { Messages } = await sqs.send(new ReceiveMessageCommand(receive))
    expect((Messages ?? []).map(({ Body = '' }): unknown => JSON.parse(Body))).toEqual([
      { ...job, attempt: 2 },
    ])
  })

  it('that is never taken is a dead letter of the registry, once, and is sent anew when asked', async () => {
    receiver.answer(500)
    const job = jobOf('hasty')
    for (const _ of [1, 2]) expect(await tell(job)).toEqual({ batchItemFailures: [] })
    const { deadLetters, deliveries } = wing.registry
    const { objects } = await deadLetters.list(undefined, { limit: 10 })
    expect(objects.map(({ content }) => content)).toEqual([
      {
        webhook: 'hasty',
        webhookUid: job.webhookUid,
        eventId: job.eventId,
        event: job.event,
        attempts: 1,
        lastError: 'it answered 500',
      },
    ])
    await deliveries?.retry(objects[0]?.meta.name ?? '')
    const receive = { QueueUrl: queueUrl, WaitTimeSeconds: 20 }
    const { Messages } = await sqs.send(new ReceiveMessageCommand(receive))
    expect((Messages ?? []).map(({ Body = '' }): unknown => JSON.parse(Body))).toEqual([job])
    expect((await deadLetters.list(undefined, { limit: 10 })).objects).toEqual([])
  })
})
