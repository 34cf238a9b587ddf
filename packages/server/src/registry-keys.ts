/** The signing keys of a data directory; a broken file is told in one line. */
import type { KeyRing } from '@sluice/adapters/identity/signing-keys'
import { SigningKeysError } from '@sluice/adapters/identity/signing-keys-error'
import { StoredKeyRing } from '@sluice/adapters/identity/stored-key-ring'
import { SigningKeysFile } from '@sluice/adapters/local/signing-keys-file'
import type { Clock } from '@sluice/core/ports/clock'
import type { Log } from '@sluice/core/ports/log'
import { StartFailure } from './start-failure.ts'

/** Throws `StartFailure`. */
export async function openRegistryKeys(file: string, clock: Clock, log: Log): Promise<KeyRing> {
  const onProblem = (problem: string) => log.warn('known keys go on', { problem })
  const ring = new StoredKeyRing(new SigningKeysFile(file), clock, onProblem)
  try {
    await ring.keys()
    return ring
  } catch (error) {
    if (error instanceof SigningKeysError) throw new StartFailure(error.message, { cause: error })
    throw error
  }
}
