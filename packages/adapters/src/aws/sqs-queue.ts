import {
  GetQueueAttributesCommand,
  SendMessageCommand,
  type QueueAttributeName,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { jobText } from '@sluice/core/ports/job-text'
import type { Job, QueueState, WatchedQueue } from '@sluice/core/ports/queue'
import { StorageError } from '@sluice/core/ports/storage-error'

/**
 * A standard queue of SQS. Its redrive policy (`maxReceiveCount`) is what gives a job up, after `MAX_DELIVERIES`; who does
 * the jobs is a function that the queue sets off.
 */
export class SqsQueue implements WatchedQueue {
  readonly #client: SQSClient
  readonly #url: string

  constructor(client: SQSClient, url: string) {
    this.#client = client
    this.#url = url
  }

  async send(job: Job, { delay = 0 }: { readonly delay?: number } = {}): Promise<void> {
    const MessageBody = jobText(job)
    const DelaySeconds = Math.ceil(delay / 1000)
    try {
      // The SDK sends again what failed or was throttled: a job may then be there twice, as any job may.
      await this.#client.send(
        new SendMessageCommand({
          QueueUrl: this.#url,
          MessageBody,
          ...(DelaySeconds > 0 && { DelaySeconds }),
        }),
      )
    } catch (error) {
      throw failed(error)
    }
  }

  /** When a message became due SQS tells CloudWatch alone. */
  async state(): Promise<QueueState> {
    const { RedrivePolicy, ...counts } = await this.#attributes(this.#url, [
      ...NOT_DONE,
      'RedrivePolicy',
    ])
    const deadUrl = deadLettersOf(this.#url, RedrivePolicy)
    const dead = deadUrl === undefined ? {} : await this.#attributes(deadUrl, [VISIBLE])
    return { waiting: notDone(counts), dead: Number(dead[VISIBLE] ?? 0) }
  }

  async waiting(): Promise<number> {
    return notDone(await this.#attributes(this.#url, [...NOT_DONE]))
  }

  async #attributes(QueueUrl: string, AttributeNames: QueueAttributeName[]): Promise<Attributes> {
    try {
      const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames })
      return (await this.#client.send(asked)).Attributes ?? {}
    } catch (error) {
      throw failed(error)
    }
  }
}

type Attributes = Partial<Record<string, string>>

const VISIBLE = 'ApproximateNumberOfMessages'

/** What is taken is invisible, and after it failed for as long as nobody may try it again. */
const NOT_DONE: readonly QueueAttributeName[] = [
  VISIBLE,
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
]

const notDone = (counts: Attributes): number =>
  NOT_DONE.reduce((sum, name) => sum + Number(counts[name] ?? 0), 0)

/** Its queue of dead letters is in the same account and region. */
function deadLettersOf(url: string, policy: string | undefined): string | undefined {
  if (policy === undefined) return undefined
  const { deadLetterTargetArn: arn } = JSON.parse(policy) as { deadLetterTargetArn: string }
  return url.replace(/[^/]*$/, arn.split(':').at(-1) ?? '')
}

function failed(error: unknown): StorageError {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return new StorageError('unavailable', `the queue failed: ${what}`, error)
}
