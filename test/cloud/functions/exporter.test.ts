/** The exporter over DynamoDB and the parameter store, by the events of an HTTP API and of the doors' logs. */
import { randomUUID } from 'node:crypto'
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  PurgeQueueCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs'
import { SqsQueue } from '@sluice/adapters/aws/sqs-queue'
import { EmfLines } from '@sluice/adapters/aws/emf-lines'
import { Meter } from '@sluice/adapters/metrics/meter'
import { VERSION } from '@sluice/core/version'
import { handler } from '@sluice/functions/exporter'
import type { APIGatewayProxyStructuredResultV2, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { beforeAll, describe, expect, it } from 'vitest'
import { event } from '../../functions/event.ts'
import { logsEvent } from '../../functions/logs-event.ts'
import { basic } from '../../http/served-registry.ts'
import { engineClients } from '../engines/engine-clients.ts'
import { engineUrls } from '../engines/engines.ts'
import { pollQueue } from '../adapters/poll-queue.ts'
import { openStage, PASSWORD, type FunctionStage } from './open-stage.ts'

const target = '/extensions/v2/metrics'
const ask = async (headers: Record<string, string> = {}) =>
  (await handler(event({ target, headers }))) as APIGatewayProxyStructuredResultV2
const clock = { now: () => Date.now() }
const authorization = basic('kubeadmin', PASSWORD)

/** What a scrape says of the queue. */
const waiting = async (): Promise<string | undefined> => {
  const answer = await ask({ authorization })
  expect(answer.statusCode).toBe(200)
  return /^sluice_queue_jobs.*$/m.exec(answer.body ?? '')?.[0]
}

/** What is under way on average is always told, as 0 in quiet hours. */
const QUIET = `# HELP imageregistry_build_info A metric with a constant '1' value labeled by major, minor, git commit & git version from which the image registry was built.
# TYPE imageregistry_build_info gauge
imageregistry_build_info{gitCommit="",gitVersion="v${VERSION}",major="0",minor="1"} 1
# HELP imageregistry_http_in_flight_requests A gauge of requests currently being served by the registry.
# TYPE imageregistry_http_in_flight_requests gauge
imageregistry_http_in_flight_requests 0
# HELP sluice_queue_jobs Jobs that wait to be done.
# TYPE sluice_queue_jobs gauge
sluice_queue_jobs{queue="jobs"} 0
`

describe('the exporter', () => {
  let stage: FunctionStage
  beforeAll(async () => {
    stage = await openStage()
  })

  it('asks who it is, and answers that nothing is under way before anything was', async () => {
    const refused = await ask()
    expect(refused.statusCode).toBe(401)
    expect(refused.body).toContain('"code":"UNAUTHORIZED"')
    expect((await ask({ authorization: basic('kubeadmin', 'wrong') })).statusCode).toBe(401)
    const answer = await ask({ authorization })
    expect(answer).toMatchObject({ statusCode: 200, body: QUIET, isBase64Encoded: false })
    expect(answer.headers?.['content-type']).toBe(
      'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
    )
  })

  it('tells how many jobs wait, to the last one, and all else while the queue does not answer', async () => {
    const QueueUrl = stage.environment['SLUICE_QUEUE_URL']
    const { sqs } = engineClients(engineUrls())
    const jobs = new SqsQueue(sqs, QueueUrl ?? '')
    expect(await waiting()).toBe('sluice_queue_jobs{queue="jobs"} 0')
    await jobs.send({ kind: 'words' })
    await jobs.send({ kind: 'words' }, { delay: 600_000 })
    expect(await waiting()).toBe('sluice_queue_jobs{queue="jobs"} 2')
    await sqs.send(new PurgeQueueCommand({ QueueUrl }))
    expect(await waiting()).toBe('sluice_queue_jobs{queue="jobs"} 0')
    await sqs.send(new DeleteQueueCommand({ QueueUrl }))
    expect(await waiting()).toBeUndefined()
  })

  it('counts the lines of a log, once, and passes over what is none of them', async () => {
    const lines: string[] = []
    const meter = new Meter(clock)
    const options = { namespace: 'sluice/test', door: 'api', startsCold: true }
    const emf = new EmfLines({ meter, clock, ...options, write: (line) => void lines.push(line) })
    for (let at = 0; at < 3; at++) {
      meter.counter('sluice_pushes_total', { project: 'team' }).add(1)
      emf.write()
    }
    const batch = logsEvent([...lines, 'START RequestId: 1', '{"meter":{"sequence":1}}'])
    expect(await handler(batch)).toBeUndefined()
    expect(await handler(batch)).toBeUndefined()
    expect(await handler(logsEvent(lines.slice(1)))).toBeUndefined()
    expect(await handler(logsEvent([], 'CONTROL_MESSAGE'))).toBeUndefined()
    const answer = await ask({ authorization })
    expect(answer.body).toContain('sluice_pushes_total{project="team"} 3\n')
  })

  it('counts what Lambda gave up when it comes from its queue, and nothing that is counted', async () => {
    const { sqs } = engineClients(engineUrls())
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: randomUUID() }))
    const lines: string[] = []
    // A queue keeps what was given up for two weeks.
    const old = { now: () => Date.now() - 13 * 86_400_000 }
    const meter = new Meter(old)
    const options = { namespace: 'sluice/test', door: 'api', startsCold: false }
    const write = (line: string): void => void lines.push(line)
    const emf = new EmfLines({ meter, clock: old, ...options, write })
    for (let at = 0; at < 5; at++) {
      meter.counter('sluice_pulls_total', { project: 'given-up' }).add(1)
      emf.write()
    }
    // Some of them were in when it failed.
    await handler(logsEvent(lines.slice(0, 2)))
    const bodies = [logsEvent(lines), logsEvent(lines.slice(1, 3)), { awslogs: { data: 'AAAA' } }]
    for (const body of bodies) {
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(body) }))
    }
    const answers: SQSBatchResponse[] = []
    const poller = pollQueue(
      sqs,
      QueueUrl ?? '',
      async (records: SQSEvent) => {
        const answer = (await handler(records)) as SQSBatchResponse
        answers.push(answer)
        return answer
      },
      1,
    )
    await expect.poll(() => answers.length, { timeout: 20_000 }).toBe(3)
    await poller.stop()
    expect(answers.flatMap(({ batchItemFailures }) => batchItemFailures)).toHaveLength(1)
    // What is broken stays.
    expect(await new SqsQueue(sqs, QueueUrl ?? '').waiting()).toBe(1)
    const scrape = await ask({ authorization })
    expect(scrape.body).toContain('sluice_pulls_total{project="given-up"} 5\n')
  })

  it('fails for an event that it does not know, and for a batch that is broken', async () => {
    await expect(handler({} as never)).rejects.toThrow(TypeError)
    await expect(handler({ awslogs: { data: 'AAAA' } })).rejects.toThrow('incorrect header check')
  })
})
