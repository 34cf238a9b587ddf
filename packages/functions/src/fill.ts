/** What is done for nobody who waits: jobs from the queue. Wiring only. */
import type { JobHandlers } from '@sluice/core/ports/queue'
import type { SQSEvent, SQSBatchResponse } from 'aws-lambda'
import { answerBatch } from './answer-batch.ts'
import { logFailure } from './log-failure.ts'

/** None yet, as nothing sends a job: whatever is found in the queue ends among the dead letters. */
const HANDLERS: JobHandlers = {}

export const handler = (event: SQSEvent): Promise<SQSBatchResponse> =>
  answerBatch(event, HANDLERS, logFailure)
