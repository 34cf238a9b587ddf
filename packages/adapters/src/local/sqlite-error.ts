/** SQLite's failures in the words of the storage ports. https://sqlite.org/rescode.html */
import { StorageError, type StorageFailure } from '@sluice/core/ports/storage-error'

const SQLITE_BUSY = 5
const SQLITE_READONLY = 8
const SQLITE_FULL = 13

const REASONS: ReadonlyMap<number, StorageFailure> = new Map([
  [SQLITE_FULL, 'full'],
  [SQLITE_READONLY, 'read-only'],
])

/** An error of node:sqlite; `errcode` is the extended result code, and its low byte the primary one. */
type SqliteFailure = Error & { readonly errcode: number }

const isSqliteFailure = (error: unknown): error is SqliteFailure =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'

const primaryCode = (error: unknown): number | undefined =>
  isSqliteFailure(error) ? error.errcode & 0xff : undefined

export const isBusy = (error: unknown): boolean => primaryCode(error) === SQLITE_BUSY

export const isFull = (error: unknown): boolean => primaryCode(error) === SQLITE_FULL

/** Whatever SQLite itself reports is a `StorageError`; anything else is returned as it is. */
export function sqliteError(error: unknown): unknown {
  if (!isSqliteFailure(error)) return error
  const reason = REASONS.get(error.errcode & 0xff) ?? 'unavailable'
  return new StorageError(reason, `the table failed: ${error.message}`, error)
}
