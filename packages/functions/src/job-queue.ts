/** Where jobs are sent, opened by the first: most requests send none, and would wait for its client to load. */
import { kept } from '@sluice/adapters/aws/kept'
import type { WatchedQueue } from '@sluice/core/ports/queue'

export function jobQueue(url: string): WatchedQueue {
  const opened = kept(async (): Promise<WatchedQueue> => {
    const [{ SQSClient }, { SqsQueue }, { sqsClientSettings }] = await Promise.all([
      import('@aws-sdk/client-sqs'),
      import('@sluice/adapters/aws/sqs-queue'),
      import('@sluice/adapters/aws/sqs-client-settings'),
    ])
    return new SqsQueue(new SQSClient(sqsClientSettings()), url)
  })
  return {
    send: async (...job) => (await opened()).send(...job),
    state: async () => (await opened()).state(),
    waiting: async () => (await opened()).waiting(),
  }
}
