/** What `sluice status` says of a registry in the cloud of which a part fails: it ends with 1, and names the part and why. */
import { DeleteMessageCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { cloudSettings } from '@sluice/adapters/aws/cloud-settings'
import { SqsQueue } from '@sluice/adapters/aws/sqs-queue'
import { openWing } from '@sluice/functions/open-wing'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { logsEvent } from '../functions/logs-event.ts'
import { sluiceCommand, type Sluice } from '../openshift/sluice-command.ts'
import { engineClients } from './engines/engine-clients.ts'
import { engineUrls } from './engines/engines.ts'
import { openStage } from './functions/open-stage.ts'
import { startCloud, type RunningCloud } from './start-cloud.ts'
import { startUploadDoor } from './start-upload-door.ts'

describe('the status of a registry in the cloud', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-status-'))
  let cloud: RunningCloud
  let admin: Sluice
  let sqs: SQSClient
  let jobsUrl: string

  beforeAll(async () => {
    cloud = await startCloud({ engines: engineUrls(), fills: 1 })
    sqs = engineClients(engineUrls()).sqs
    jobsUrl = cloud.environment['SLUICE_QUEUE_URL'] ?? ''
    admin = sluiceCommand(dir, 'admin')
    await admin(['login', cloud.url, '-u', cloud.user, '-p', cloud.password])
  })
  afterAll(async () => {
    await cloud?.stop()
    rmSync(dir, { recursive: true })
  })

  /** What status writes, whichever way it ends. */
  const status = async (): Promise<string> =>
    admin(['status', '-n', 'default']).catch((error: unknown) => String(error))

  it('names a fill function whose jobs fail, until one is done again', async () => {
    const queue = new SqsQueue(sqs, jobsUrl)
    const job = { kind: 'fill', repository: 'docker.io/library/nginx', size: 1 }
    await queue.send({ ...job, digest: 'none' })
    await expect.poll(status, { timeout: 30_000 }).toMatch(/error: down: fill$/m)
    const failed = await status()
    expect(failed).toContain('ended with 1')
    expect(failed).toMatch(/^image-registry-fill +0\/1 .* jobs failed and come again: 1$/m)
    // A registry without webhooks has nothing to do for an event.
    await queue.send({ kind: 'event' })
    await expect.poll(status, { timeout: 30_000 }).toMatch(/^image-registry-fill +1\/1 +Running /m)
    expect(await status()).not.toContain('error: down')
  })

  it('names an exporter that cannot count, until it counts again', async () => {
    expect(await cloud.exporter.invoke({ awslogs: { data: 'AAAA' } })).not.toMatchObject({
      kind: 'result',
    })
    const failed = await status()
    expect(failed).toMatch(/ended with 1[^]*error: down: exporter$/m)
    expect(failed).toMatch(
      /^image-registry-exporter +0\/1 .* lines of a log could not be counted$/m,
    )
    expect(await cloud.exporter.invoke(logsEvent([]))).toMatchObject({ kind: 'result' })
    expect(await status()).toMatch(/^image-registry-exporter +1\/1 +Running /m)
  })

  it('tells of dead letters, which keep no queue from working', async () => {
    const QueueUrl = `${jobsUrl}-dead`
    await new SqsQueue(sqs, QueueUrl).send({ kind: 'fill' })
    const row = /^image-registry-queue +1\/1 +Running .* jobs that failed and were given up: 1$/m
    expect(await admin(['status', '-n', 'default'])).toMatch(row)
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }))
    const ReceiptHandle = Messages?.[0]?.ReceiptHandle
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
    expect(await status()).not.toContain('given up')
  })
})

async function start(isWebFunction = false) {
  const { environment } = await openStage()
  const door = await startUploadDoor(environment, isWebFunction)
  onTestFinished(() => door.close())
  /** As whoever looks so many seconds from now has it. */
  const seen = async (seconds: number, others: Record<string, string> = {}) => {
    const clock = { now: () => Date.now() + seconds * 1000 }
    const { parts } = openWing(cloudSettings({ ...environment, ...others }), clock)
    return (await parts.list()).find(({ name }) => name === 'upload-door')
  }
  await expect.poll(() => seen(0), { timeout: 20_000 }).toMatchObject({ ready: true })
  return { door, seen }
}

describe('the upload door', () => {
  it('that died is down three minutes later, and no part of a deployment without one', async () => {
    const { door, seen } = await start()
    process.kill(door.pid, 'SIGKILL')
    expect(await seen(181)).toMatchObject({
      ready: false,
      lastError: expect.stringMatching(/^no sign of life, which was due \d+ s ago$/),
    })
    expect(await seen(181, { SLUICE_UPLOAD_DOOR: 'off' })).toBeUndefined()
  })

  it('of Lambda is frozen while nobody uploads, and not down', async () => {
    const { seen } = await start(true)
    expect(await seen(8 * 86_400)).toMatchObject({ ready: true, lastError: undefined })
  })
})
