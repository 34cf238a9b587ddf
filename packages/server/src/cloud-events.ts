/** How the upload door tells others of what is done; what is fetched for it is loaded only then. */
import type { CloudSettings } from '@sluice/adapters/aws/cloud-settings'
import type { CloudEvents } from '@sluice/adapters/aws/cloud-wing'
import { kept } from '@sluice/adapters/aws/kept'
import type { Log } from '@sluice/core/ports/log'
import type { Queue } from '@sluice/core/ports/queue'
import { untakenTo } from '@sluice/core/services/untaken-to'
import { hostname } from 'node:os'

export function cloudEvents({ upstreams }: CloudSettings, log: Log): CloudEvents {
  const opened = kept(async (): Promise<Queue> => {
    const [{ SQSClient }, { SqsQueue }, { sqsClientSettings }] = await Promise.all([
      import('@aws-sdk/client-sqs'),
      import('@sluice/adapters/aws/sqs-queue'),
      import('@sluice/adapters/aws/sqs-client-settings'),
    ])
    return new SqsQueue(new SQSClient(sqsClientSettings()), upstreams?.queueUrl ?? '')
  })
  return {
    queue: { send: async (...job) => (await opened()).send(...job) },
    freezes: false,
    addr: hostname(),
    onUnread: (why) => log.error('the webhooks cannot be read', {}, why),
    onLost: (event, why) => log.error('an event is lost', event, why),
    onUntaken: untakenTo(log),
  }
}
