/** Failures of the file system in the words of the storage ports. */
import { StorageError, type StorageFailure } from '@sluice/core/ports/storage-error'

const REASONS: ReadonlyMap<unknown, StorageFailure> = new Map([
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['EROFS', 'read-only'],
  ['EFBIG', 'limit'],
])

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined

export const isMissing = (error: unknown): boolean =>
  codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'

const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

export const hasNoLinks = (error: unknown): boolean => NO_LINKS.has(String(codeOf(error)))

export const isThereAlready = (error: unknown): boolean => codeOf(error) === 'EEXIST'

export function fileError(error: unknown): unknown {
  if (error instanceof StorageError || !(error instanceof Error) || !('syscall' in error))
    return error
  const reason = REASONS.get(codeOf(error)) ?? 'unavailable'
  return new StorageError(reason, `the blob store failed: ${error.message}`, error)
}

/** Runs what touches files and nothing else: whatever the file system throws becomes a `StorageError`. */
export async function onFiles<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw fileError(error)
  }
}

/** The answer, or undefined where the file is missing. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
