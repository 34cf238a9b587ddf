/** The fill function over DynamoDB, S3 and SQS, in this process, with deadlines that run out. */
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { isStored } from '@sluice/core/records/blob-record'
import { parseDigest } from '@sluice/core/digest'
import { parseRepositoryName } from '@sluice/core/repository-name'
import { handler } from '@sluice/functions/fill'
import type { Deadline } from '@sluice/functions/time-left'
import type { SQSRecord } from 'aws-lambda'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { noise, settingsOf } from '../../http/pull-through/cached-upstream.ts'
import { answer } from '../../upstream/fault.ts'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../../upstream/start-scripted-upstream.ts'
import { digestOfBytes, makeImage, putImage } from '../../upstream/upstream-content.ts'
import { engineClients } from '../engines/engine-clients.ts'
import { engineUrls } from '../engines/engines.ts'
import { deadlineIn } from './deadline-in.ts'
import { openStage, type FunctionStage } from './open-stage.ts'

const CACHE = 'upstream.test'
const LONG = 900_000

const told = (job: object, deadline: Deadline) => {
  const attributes = { ApproximateReceiveCount: '1' }
  const record = { messageId: 'one', body: JSON.stringify(job), attributes } as SQSRecord
  return handler({ Records: [record] }, deadline)
}

describe('a job of the fill function', () => {
  let stage: FunctionStage
  let upstream: ScriptedUpstream
  beforeAll(async () => {
    upstream = await startScriptedUpstream()
    stage = await openStage()
    const owner = { user: 'system:admin', groups: ['system:masters'] }
    const content = settingsOf(upstream.url)
    await stage.wing.registry.upstreams.create(owner, undefined, { name: CACHE, content })
  })
  afterEach(() => {
    upstream.heal()
    upstream.forget()
  })
  afterAll(() => upstream?.close())

  let made = 0
  /** Of a layer that only the upstream has. */
  const newJob = async (size: number) => {
    const remote = `org/app-${++made}`
    const bytes = noise(size)
    await putImage(upstream.content, remote, 'latest', makeImage([bytes]))
    const digest = digestOfBytes(bytes)
    return { bytes, job: { kind: 'fill', repository: `${CACHE}/${remote}`, digest, size } }
  }

  /** The jobs that wait. */
  const queued = async (): Promise<unknown[]> => {
    const QueueUrl = stage.environment['SLUICE_QUEUE_URL']
    const { sqs } = engineClients(engineUrls())
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }))
    return (Messages ?? []).map(({ Body = '' }): unknown => JSON.parse(Body))
  }

  const stored = async ({ job }: Awaited<ReturnType<typeof newJob>>) => {
    const repository = parseRepositoryName(job.repository)
    const link = await stage.wing.registry.blobs.look(repository, parseDigest(job.digest))
    if (!link || !isStored(link)) return undefined
    const pieces = await stage.wing.store.read(link.key, { start: 0, end: link.size - 1 })
    return Buffer.concat(await Array.fromAsync(pieces ?? []))
  }

  it('brings a blob', async () => {
    const blob = await newJob(300_000)
    expect(await told(blob.job, deadlineIn(LONG))).toEqual({ batchItemFailures: [] })
    expect((await stored(blob))?.equals(blob.bytes)).toBe(true)
    expect(await queued()).toEqual([])
    // Perhaps it comes twice.
    expect(await told(blob.job, deadlineIn(LONG))).toEqual({ batchItemFailures: [] })
    expect(upstream.count('blob-get')).toBe(1)
  })

  it('that has no more time is there again, and goes on where it ended', async () => {
    const blob = await newJob(12_000_000)
    upstream.fail('blob-get', { kind: 'drip', bytes: 400_000, everyMs: 50 })
    let end = Infinity
    const deadline = {
      getRemainingTimeInMillis: () => {
        // Some of it is to come before.
        if (upstream.count('blob-get') > 0) end = Math.min(end, Date.now() + 300)
        return Date.now() < end ? LONG : 0
      },
    }
    expect(await told(blob.job, deadline)).toEqual({ batchItemFailures: [] })
    expect(await stored(blob)).toBeUndefined()
    const waiting = await queued()
    expect(waiting).toEqual([blob.job])
    upstream.heal()
    await told(waiting[0] as object, deadlineIn(LONG))
    expect((await stored(blob))?.equals(blob.bytes)).toBe(true)
    const [first, second, ...more] = upstream.requests.filter(({ kind }) => kind === 'blob-get')
    expect([first?.headers.range, more]).toEqual([undefined, []])
    const from = Number(/^bytes=(\d+)-$/.exec(second?.headers.range ?? '')?.[1])
    expect(from).toBeGreaterThan(0)
    expect(from).toBeLessThan(blob.bytes.byteLength)
  })

  it('whose upstream fails is done: the next client asks anew', async () => {
    const blob = await newJob(1000)
    upstream.fail('blob-get', answer(500))
    expect(await told(blob.job, deadlineIn(LONG))).toEqual({ batchItemFailures: [] })
    expect(await stored(blob)).toBeUndefined()
    expect(await queued()).toEqual([])
  })

  it('that makes no sense fails, and ends among the dead letters', async () => {
    const { job } = await newJob(1000)
    const failed = { batchItemFailures: [{ itemIdentifier: 'one' }] }
    expect(await told({ ...job, digest: 'none' }, deadlineIn(LONG))).toEqual(failed)
  })
})
