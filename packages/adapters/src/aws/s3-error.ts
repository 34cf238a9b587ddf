/** Failures of S3 in the words of the storage ports. */
import { StorageError } from '@sluice/core/ports/storage-error'

/** The status that S3 answered; `undefined` where no answer came. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  const { httpStatusCode } = error.$metadata as { readonly httpStatusCode?: number }
  return httpStatusCode
}

export const isMissing = (error: unknown): boolean => statusOf(error) === 404

/**
 * A write that fails so may have happened: no answer came, or S3 failed, or the condition fails because an earlier
 * attempt of the same write did not (412, 409), or an upload is gone because it is complete (404).
 */
export function mayHaveHappened(error: unknown): boolean {
  const status = statusOf(error)
  return status === undefined || status >= 500 || [404, 409, 412].includes(status)
}

export function s3Error(what: string, error: unknown): unknown {
  if (error instanceof StorageError) return error
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return new StorageError('unavailable', `S3 did not ${what}: ${why}`, error)
}

/** A call to S3 and nothing else: whatever it throws becomes a `StorageError`. `what`, as in "S3 did not ...". */
export async function onS3<T>(what: string, call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    throw s3Error(what, error)
  }
}

/** As `onS3`; `undefined` where S3 answers 404. */
export async function unlessMissing<T>(what: string, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (isMissing(error)) return undefined
    throw s3Error(what, error)
  }
}
