/** A stage's queue of jobs with its dead letters, as `infra/queue.ts` has them. */
import { CreateQueueCommand, GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { MAX_DELIVERIES } from '@sluice/core/ports/queue'

const VISIBILITY_SECONDS = 90 * 60

/** Answers its URL. */
export async function createQueue(
  client: SQSClient,
  name: string,
  visibilitySeconds = VISIBILITY_SECONDS,
): Promise<string> {
  const dead = await client.send(new CreateQueueCommand({ QueueName: `${name}-dead` }))
  const asked = new GetQueueAttributesCommand({
    QueueUrl: dead.QueueUrl,
    AttributeNames: ['QueueArn'],
  })
  const { Attributes } = await client.send(asked)
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: Attributes?.['QueueArn'],
    maxReceiveCount: MAX_DELIVERIES,
  })
  const VisibilityTimeout = String(visibilitySeconds)
  const jobs = await client.send(
    new CreateQueueCommand({ QueueName: name, Attributes: { RedrivePolicy, VisibilityTimeout } }),
  )
  if (jobs.QueueUrl === undefined) throw new Error('no queue was made')
  return jobs.QueueUrl
}
