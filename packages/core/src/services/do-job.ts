import type { Job, JobHandlers } from '../ports/queue.ts'

const SHOWN_CHARACTERS = 64

/** From a program of another version, or a mistake: the job waits among the dead letters until one knows it. */
export class UnknownJobError extends Error {
  override readonly name = 'UnknownJobError'

  constructor(kind: string) {
    super(`no handler for jobs of the kind ${JSON.stringify(kind.slice(0, SHOWN_CHARACTERS))}`)
  }
}

/** Throws what the handler throws, and `UnknownJobError` where there is none. */
export async function doJob(handlers: JobHandlers, job: Job): Promise<void> {
  const handler = Object.hasOwn(handlers, job.kind) ? handlers[job.kind] : undefined
  if (handler === undefined) throw new UnknownJobError(job.kind)
  await handler(job)
}
