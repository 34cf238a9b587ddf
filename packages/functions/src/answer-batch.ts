/** A batch of jobs from SQS, answered one by one: what was done goes, and what failed comes again. */
import { parseJob } from '@sluice/core/ports/job-text'
import type { JobHandlers } from '@sluice/core/ports/queue'
import { doJob } from '@sluice/core/services/do-job'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'

export type OnJobFailure = (thrown: unknown, fields: Readonly<Record<string, string>>) => void

/**
 * Names the messages that failed; the queue hides them for its visibility time-out, and gives a message up that has come
 * too often. `onFailure` is told of each, with what may be logged: nothing of a job but its kind.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export async function answerBatch(
  { Records }: SQSEvent,
  handlers: JobHandlers,
  onFailure: OnJobFailure,
): Promise<SQSBatchResponse> {
  const batchItemFailures: { itemIdentifier: string }[] = []
  // One after the other: a job moves a whole layer, and the memory is for one.
  for (const record of Records) {
    if (!(await isDone(record, handlers, onFailure))) {
      batchItemFailures.push({ itemIdentifier: record.messageId })
    }
  }
  return { batchItemFailures }
}

async function isDone(
  { messageId, body, attributes }: SQSRecord,
  handlers: JobHandlers,
  onFailure: OnJobFailure,
): Promise<boolean> {
  const fields: Record<string, string> = {
    message: messageId,
    delivery: attributes.ApproximateReceiveCount,
  }
  try {
    const job = parseJob(body)
    fields['job'] = job.kind
    await doJob(handlers, job)
    return true
  } catch (error) {
    onFailure(error, fields)
    return false
  }
}
