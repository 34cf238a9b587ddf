/** What a subscription to a log brings: a batch of its lines, in gzip and base64. */
import { parseMeteredLine, type MeteredLine } from '@sluice/adapters/metrics/metered-line'
import type { CloudWatchLogsDecodedData, CloudWatchLogsEvent } from 'aws-lambda'
import { gunzipSync } from 'node:zlib'

export interface LogLines {
  readonly lines: readonly MeteredLine[]
  /** Lines that are none of ours, or of a program whose readings are in another form. They will not become better. */
  readonly unreadable: number
  readonly logGroup: string
  readonly logStream: string
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample */
export function linesOf({ awslogs }: CloudWatchLogsEvent): LogLines {
  const text = gunzipSync(Buffer.from(awslogs.data, 'base64')).toString('utf8')
  const batch = JSON.parse(text) as CloudWatchLogsDecodedData
  const { logGroup, logStream } = batch
  // The other kind only asks whether anybody is there.
  const events = batch.messageType === 'DATA_MESSAGE' ? batch.logEvents : []
  const lines = events
    .map(({ message }) => parseMeteredLine(message))
    .filter((line) => line !== undefined)
  return { lines, unreadable: events.length - lines.length, logGroup, logStream }
}
