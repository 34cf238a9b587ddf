/** The logs of all functions, for whoever may read them; opened by the first who asks. */
import { kept } from '@sluice/adapters/aws/kept'
import type { LogReader } from '@sluice/core/ports/log-reader'

/** `prefix`: of the log groups, one for each door. */
export function functionLogs(prefix: string): LogReader {
  const opened = kept(async (): Promise<LogReader> => {
    const [{ CloudWatchLogsClient }, { CloudWatchLogReader }] = await Promise.all([
      import('@aws-sdk/client-cloudwatch-logs'),
      import('@sluice/adapters/aws/cloudwatch-log-reader'),
    ])
    return new CloudWatchLogReader(new CloudWatchLogsClient(), prefix)
  })
  return { follows: false, read: async (...asked) => (await opened()).read(...asked) }
}
