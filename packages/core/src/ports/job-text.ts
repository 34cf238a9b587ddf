/** A job as every queue keeps it: JSON, whatever carries it. */
import type { Job } from './queue.ts'

/**
 * Jobs name things, and the largest carry an event of a few kilobytes, so that the limit which SQS had until 2025 (1 MB
 * since) is plenty, and holds for a queue of any age.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
export const MAX_JOB_BYTES = 256 * 1024

/** A caller's mistake, never a user's. Its message shows no more of the job than its size. */
export class JobLimitError extends Error {
  override readonly name = 'JobLimitError'
}

/** The two characters that JSON may hold and a message of SQS may not. */
const NO_MESSAGE_CHARACTER = /[\ufffe\uffff]/g

/** Throws `JobLimitError`. */
export function jobText(job: Job): string {
  if (!isJob(job)) throw new JobLimitError('a job is a kind and plain values')
  const text = JSON.stringify(job).replace(
    NO_MESSAGE_CHARACTER,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  )
  const bytes = Buffer.byteLength(text)
  if (bytes > MAX_JOB_BYTES) {
    throw new JobLimitError(`a job has ${bytes} bytes, more than ${MAX_JOB_BYTES}`)
  }
  return text
}

/** Throws `JobLimitError` for what `jobText` never wrote. */
export function parseJob(text: string): Job {
  let job: unknown
  try {
    job = JSON.parse(text)
  } catch {
    // The parser's own error quotes the text.
  }
  if (!isJob(job)) throw new JobLimitError(`${text.length} characters that are no job`)
  return job
}

const isJob = (value: unknown): value is Job =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  typeof value.kind === 'string' &&
  Object.values(value).every(isPlain)

const isPlain = (value: unknown): boolean =>
  typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
