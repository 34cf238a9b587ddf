import { inspect } from 'node:util'
import { jsonLine } from '@sluice/adapters/log/log-line'
import type { Job, JobHandlers } from '@sluice/core/ports/queue'
import { answerBatch } from '@sluice/functions/answer-batch'
import { handler } from '@sluice/functions/fill'
import type { SQSRecord } from 'aws-lambda'
import { beforeEach, describe, expect, it } from 'vitest'

const record = (messageId: string, body: string): SQSRecord => ({
  messageId,
  body,
  receiptHandle: 'receipt',
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:jobs',
  awsRegion: 'us-east-1',
  messageAttributes: {},
  attributes: {
    ApproximateReceiveCount: '2',
    SentTimestamp: '0',
    SenderId: 'sender',
    ApproximateFirstReceiveTimestamp: '0',
  },
})

interface Failure {
  readonly thrown: unknown
  readonly fields: Readonly<Record<string, string>>
}

describe('answerBatch', () => {
  const done: Job[] = []
  const failures: Failure[] = []
  const onFailure = (thrown: unknown, fields: Failure['fields']) =>
    void failures.push({ thrown, fields })
  const handlers: JobHandlers = {
    words: async (job) => void done.push(job),
    failing: async () => {
      throw new Error('no')
    },
  }
  const answer = (...records: readonly SQSRecord[]) =>
    answerBatch({ Records: [...records] }, handlers, onFailure)

  beforeEach(() => {
    done.length = 0
    failures.length = 0
  })

  it('does every job, in turn, and names those that failed and no others', async () => {
    const answered = await answer(
      record('1', '{"kind":"words","n":1}'),
      record('2', '{"kind":"failing"}'),
      record('3', '{"kind":"words","n":3}'),
      record('4', '{"kind":"unknown"}'),
      record('5', 'no JSON'),
      record('6', '[]'),
      record('7', '{"kind":"words","n":7}'),
    )
    expect(answered).toStrictEqual({
      batchItemFailures: ['2', '4', '5', '6'].map((itemIdentifier) => ({ itemIdentifier })),
    })
    expect(done.map(({ n }) => n)).toStrictEqual([1, 3, 7])
    expect(failures.map(({ fields }) => fields)).toStrictEqual([
      { message: '2', delivery: '2', job: 'failing' },
      { message: '4', delivery: '2', job: 'unknown' },
      { message: '5', delivery: '2' },
      { message: '6', delivery: '2' },
    ])
  })

  it('answers a batch in which nothing failed with no failure', async () => {
    expect(await answer(record('1', '{"kind":"words"}'))).toStrictEqual({ batchItemFailures: [] })
    expect(failures).toStrictEqual([])
  })

  it('logs nothing that a job holds', async () => {
    const secret = 'hunter2'
    await answer(
      record('1', `{"kind":"unknown","password":"${secret}"}`),
      record('2', `{"kind":"failing","password":"${secret}"}`),
      record('3', `{"kind":"failing","password":"${secret}`),
      record('4', `["${secret}"]`),
    )
    const lines = failures.map(({ thrown, fields }) =>
      jsonLine('', 'error', 'a job failed', { ...fields, error: inspect(thrown) }),
    )
    expect(lines).toHaveLength(4)
    expect(lines[0]).toContain('no handler for jobs of the kind')
    for (const line of lines) {
      expect(line).toMatch(/^\{.*"msg":"a job failed".*\}\n$/)
      expect(line).not.toContain(secret)
    }
  })
})

describe('the handler of fill', () => {
  it('names as failed what it does not know, and what it cannot do in its environment', async () => {
    const Records = [record('1', '{"kind":"other"}'), record('2', '{"kind":"fill"}')]
    const deadline = { getRemainingTimeInMillis: () => 1000 }
    expect(await handler({ Records }, deadline)).toStrictEqual({
      batchItemFailures: [{ itemIdentifier: '1' }, { itemIdentifier: '2' }],
    })
  })
})
