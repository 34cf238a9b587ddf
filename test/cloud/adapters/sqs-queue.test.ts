import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { SqsQueue } from '@sluice/adapters/aws/sqs-queue'
import { MAX_DELIVERIES, type JobHandlers } from '@sluice/core/ports/queue'
import { answerBatch } from '@sluice/functions/answer-batch'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeQueue } from '../../contracts/queue.ts'
import { CREDENTIALS, REGION } from '../engines/credentials.ts'
import { engineUrls } from '../engines/engines.ts'
import { pollQueue } from './poll-queue.ts'

/** Seconds for which a message is hidden once it was received; a busy machine may take one of them to delete it. */
const HIDDEN = 2

const sqsClient = (endpoint = engineUrls().moto) =>
  new SQSClient({ endpoint, region: REGION, credentials: CREDENTIALS })

async function newQueue(
  client: SQSClient,
  attributes: Readonly<Record<string, string>> = {},
): Promise<{ readonly url: string; readonly arn: string }> {
  const { QueueUrl = '' } = await client.send(
    new CreateQueueCommand({ QueueName: `sluice-${randomUUID()}`, Attributes: { ...attributes } }),
  )
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  )
  return { url: QueueUrl, arn: Attributes?.QueueArn ?? '' }
}

/** As the infrastructure makes them: a queue and its dead letters. */
async function newQueues(client: SQSClient) {
  const dead = await newQueue(client)
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: dead.arn,
    maxReceiveCount: MAX_DELIVERIES,
  })
  const jobs = await newQueue(client, { RedrivePolicy, VisibilityTimeout: String(HIDDEN) })
  return { dead: dead.url, jobs: jobs.url }
}

async function waiting(client: SQSClient, QueueUrl: string): Promise<number> {
  const AttributeNames = ['ApproximateNumberOfMessages'] as const
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
  )
  return Number(Attributes?.ApproximateNumberOfMessages)
}

describeQueue('SqsQueue, with the function that does its jobs,', {
  open: async (handlers: JobHandlers) => {
    const client = sqsClient()
    const { dead, jobs } = await newQueues(client)
    const poller = pollQueue(client, jobs, (event) => answerBatch(event, handlers, () => {}))
    return {
      queue: new SqsQueue(client, jobs),
      deadLetters: () => waiting(client, dead),
      close: async () => {
        await poller.stop()
        client.destroy()
      },
    }
  },
  again: 2000 * HIDDEN,
})

describe('SqsQueue', () => {
  let client: SQSClient
  beforeAll(() => {
    client = sqsClient()
  })
  afterAll(() => client.destroy())

  it('sends a job as one message, of JSON alone', async () => {
    const { jobs } = await newQueues(client)
    await new SqsQueue(client, jobs).send({ kind: 'words', n: 1 })
    const receive = new ReceiveMessageCommand({ QueueUrl: jobs, MaxNumberOfMessages: 10 })
    const { Messages } = await client.send(receive)
    expect(Messages?.map(({ Body }) => Body)).toStrictEqual(['{"kind":"words","n":1}'])
  })

  it('has a message that failed hidden for a while, and one that was done not again', async () => {
    const { jobs } = await newQueues(client)
    const queue = new SqsQueue(client, jobs)
    await queue.send({ kind: 'failing' })
    await queue.send({ kind: 'words' })
    const times: Record<string, number[]> = { failing: [], words: [] }
    const note = (kind: string) => times[kind]!.push(performance.now())
    const handlers: JobHandlers = {
      words: async () => void note('words'),
      failing: async () => {
        if (note('failing') === 1) throw new Error('not yet')
      },
    }
    const poller = pollQueue(client, jobs, (event) => answerBatch(event, handlers, () => {}))
    await expect.poll(() => times['failing'], { timeout: 20_000 }).toHaveLength(2)
    await poller.stop()
    const [first = 0, second = 0] = times['failing'] ?? []
    expect(second - first).toBeGreaterThan(900 * HIDDEN)
    expect(times['words']).toHaveLength(1)
    expect(await waiting(client, jobs)).toBe(0)
  })

  it('says how many wait, those held back as well, and how many were given up', async () => {
    const { jobs, dead } = await newQueues(client)
    const queue = new SqsQueue(client, jobs)
    expect(await queue.state()).toEqual({ waiting: 0, dead: 0 })
    await queue.send({ kind: 'words' })
    await queue.send({ kind: 'words' }, { delay: 600_000 })
    await new SqsQueue(client, dead).send({ kind: 'words' })
    expect(await queue.state()).toEqual({ waiting: 2, dead: 1 })
    expect(await queue.waiting()).toBe(2)
    expect(await new SqsQueue(client, dead).state()).toEqual({ waiting: 1, dead: 0 })
  })

  it('counts a job that is taken, or hidden since it failed, as one that is not done', async () => {
    const { jobs } = await newQueues(client)
    const queue = new SqsQueue(client, jobs)
    await queue.send({ kind: 'words' })
    const receive = { QueueUrl: jobs, VisibilityTimeout: 600 }
    const { Messages } = await client.send(new ReceiveMessageCommand(receive))
    expect(Messages).toHaveLength(1)
    expect(await queue.waiting()).toBe(1)
    expect(await queue.state()).toEqual({ waiting: 1, dead: 0 })
  })

  it('throws a StorageError when the queue cannot be reached, or is none', async () => {
    const unavailable = { name: 'StorageError', reason: 'unavailable' }
    const gone = new SqsQueue(client, `${engineUrls().moto}/123456789012/none`)
    await expect(gone.send({ kind: 'words' })).rejects.toMatchObject(unavailable)
    await expect(gone.state()).rejects.toMatchObject(unavailable)
    await expect(gone.waiting()).rejects.toMatchObject(unavailable)
    const nobody = new SqsQueue(sqsClient('http://127.0.0.1:1'), 'http://127.0.0.1:1/1/jobs')
    await expect(nobody.send({ kind: 'words' })).rejects.toMatchObject(unavailable)
  })
})
