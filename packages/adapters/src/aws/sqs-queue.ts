import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import { jobText } from '@sluice/core/ports/job-text'
import type { Job, Queue } from '@sluice/core/ports/queue'
import { StorageError } from '@sluice/core/ports/storage-error'

/**
 * A standard queue of SQS. Its redrive policy (`maxReceiveCount`) is what gives a job up, after `MAX_DELIVERIES`; who does
 * the jobs is a function that the queue sets off.
 */
export class SqsQueue implements Queue {
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
      const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      throw new StorageError('unavailable', `the queue failed: ${what}`, error)
    }
  }
}
