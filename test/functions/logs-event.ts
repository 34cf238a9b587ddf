import type { CloudWatchLogsEvent } from 'aws-lambda'
import { gzipSync } from 'node:zlib'

/** What a subscription makes of lines of a log. https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchlogs.html */
export function logsEvent(
  messages: readonly string[],
  messageType: 'DATA_MESSAGE' | 'CONTROL_MESSAGE' = 'DATA_MESSAGE',
): CloudWatchLogsEvent {
  const batch = {
    messageType,
    owner: '123456789012',
    logGroup: '/sluice/test/api',
    logStream: '2026/11/27/[$LATEST]0',
    subscriptionFilters: ['ApiMetered'],
    logEvents: messages.map((message, at) => ({ id: String(at), timestamp: Date.now(), message })),
  }
  return { awslogs: { data: gzipSync(JSON.stringify(batch)).toString('base64') } }
}
