/** Whether a data directory can be used, for whoever asks how the registry is. */
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Table } from '@sluice/core/ports/table'
import { checkKey } from '@sluice/core/records/keys'
import type { HealthCheck } from '@sluice/core/services/health'
import { access, constants, statfs } from 'node:fs/promises'

const { R_OK, W_OK, X_OK } = constants

/** A file that is gone is still read and written by whoever has it open, and lost at the end. */
export const localChecks = (
  table: Pick<Table, 'get'>,
  { path, tableFile }: { readonly path: string; readonly tableFile: string },
): readonly HealthCheck[] => [
  {
    name: 'table',
    gates: true,
    check: async () => {
      await access(tableFile, R_OK).catch(told('the table'))
      await table.get(checkKey)
    },
  },
  {
    name: 'blob-store',
    gates: true,
    check: () => access(path, R_OK | X_OK).catch(told('the data directory')),
  },
  {
    // What is here can still be pulled.
    name: 'disk',
    gates: false,
    check: async () => {
      await access(path, W_OK).catch(told('the data directory'))
      const { bavail } = await statfs(path)
      if (bavail === 0) throw new StorageError('full', 'no room is left', undefined)
    },
  },
]

const PROBLEMS: Readonly<Record<string, string>> = {
  EACCES: 'is not to be accessed',
  ENOENT: 'is gone',
  EROFS: 'cannot be written: its file system is read-only',
}

const told =
  (what: string) =>
  (cause: unknown): never => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    const reason = code === 'EROFS' ? 'read-only' : 'unavailable'
    const problem = PROBLEMS[code] ?? `cannot be accessed (${code})`
    throw new StorageError(reason, `${what} ${problem}`, cause)
  }
