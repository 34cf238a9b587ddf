/** Lines that an exporter fails at come again, as Lambda brings them. */
import type { CloudWatchLogsDecodedData, CloudWatchLogsEvent } from 'aws-lambda'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import type { RunningFunction } from '../gateway/lambda/start-function.ts'
import { handOnLines } from './hand-on-lines.ts'

it('hands lines on once more that the exporter failed at, in their order', async () => {
  const given: string[][] = []
  const invoke: RunningFunction['invoke'] = async (event) => {
    const data = Buffer.from((event as CloudWatchLogsEvent).awslogs.data, 'base64')
    const { logEvents } = JSON.parse(gunzipSync(data).toString()) as CloudWatchLogsDecodedData
    given.push(logEvents.map(({ message }) => message))
    return given.length < 3 ? { kind: 'failed' } : { kind: 'result', result: null }
  }
  const handed = handOnLines({ invoke }, () => [], 5)
  handed.write('{"_aws":{},"n":1}')
  handed.write('START RequestId: 1')
  handed.write('{"_aws":{},"n":2}')
  await expect.poll(() => given.length, { timeout: 10_000 }).toBe(3)
  await handed.stop()
  const lines = ['{"_aws":{},"n":1}', '{"_aws":{},"n":2}']
  expect(given).toEqual([lines, lines, lines])
})
