/** One process at a time. The kernel frees the lock of a process that ended, however it ended. */
import { DatabaseSync } from 'node:sqlite'
import { CommandError } from './command-error.ts'

/** Longer than an identity provider is given to answer (openid-client's 30 s). */
const WAIT_MS = 60_000

/** Waits for whoever has it; what is answered gives it back. */
export function lockFile(path: string): () => void {
  const lock = new DatabaseSync(path, { timeout: WAIT_MS })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    throw new CommandError(`error: ${path} is locked by another sluice that does not end`, {
      cause: error,
    })
  }
  return () => lock.close()
}
