import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { CloudWatchLogReader, LOOK_BACK } from '@sluice/adapters/aws/cloudwatch-log-reader'
import type { LogQuery } from '@sluice/core/ports/log-reader'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CREDENTIALS, REGION } from '../engines/credentials.ts'
import { engineUrls } from '../engines/engines.ts'

const clientAt = (endpoint: string) =>
  new CloudWatchLogsClient({ endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 })

describe('the logs of functions, in CloudWatch Logs', () => {
  const client = clientAt(engineUrls().moto)
  const prefix = `/sluice/${randomUUID()}`
  const reader = new CloudWatchLogReader(client, prefix)
  const now = Date.now()

  const put = async (stream: string, events: readonly (readonly [number, string])[]) => {
    const group = { logGroupName: `${prefix}/api` }
    await client.send(new CreateLogStreamCommand({ ...group, logStreamName: stream }))
    const logEvents = events.map(([age, message]) => ({ timestamp: now - age, message }))
    await client.send(new PutLogEventsCommand({ ...group, logStreamName: stream, logEvents }))
  }

  beforeAll(async () => {
    await client.send(new CreateLogGroupCommand({ logGroupName: `${prefix}/api` }))
    await put('one', [
      [LOOK_BACK + 60_000, 'too old\n'],
      [50_000, 'first\n'],
      [20_000, 'third\n'],
      [15_000, '{"_aws":{"Timestamp":1},"figures":2}\n'],
    ])
    await put('two', [
      [30_000, 'second\n'],
      [10_000, 'fourth\n'],
    ])
  })
  afterAll(() => client.destroy())

  const texts = async (query: LogQuery = {}): Promise<string[]> => {
    const lines = await Array.fromAsync((await reader.read('api', query)) ?? [])
    return lines.map(({ text }) => text)
  }

  it('are those of the last hour, of all environments in the order of time, without figures', async () => {
    expect(await texts()).toEqual(['first', 'second', 'third', 'fourth'])
    const [line] = await Array.fromAsync((await reader.read('api', {})) ?? [])
    expect(line).toEqual({ at: now - 50_000, text: 'first' })
  })

  it('are the newest, those since a time, and those that are asked for', async () => {
    expect(await texts({ tail: 2 })).toEqual(['third', 'fourth'])
    expect(await texts({ tail: 0 })).toEqual([])
    expect(await texts({ since: now - 25_000 })).toEqual(['third', 'fourth'])
    expect(await texts({ since: now - 2 * LOOK_BACK, tail: 9 })).toContain('too old')
    expect(await texts({ matches: (text) => text.includes('ir') })).toEqual(['first', 'third'])
  })

  it('are none of a part that logs nothing, or has no group', async () => {
    expect(await reader.read('table', {})).toBeUndefined()
    expect(await reader.read('../api', {})).toBeUndefined()
    expect(await reader.read('fill', {})).toBeUndefined()
  })

  it('say it when CloudWatch does not answer', async () => {
    const lost = new CloudWatchLogReader(clientAt('http://127.0.0.1:9'), prefix)
    await expect(lost.read('api', {})).rejects.toThrow('ECONNREFUSED')
  })
})
