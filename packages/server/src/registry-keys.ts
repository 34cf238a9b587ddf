/** The signing keys of a data directory; a broken file is told in one line. */
import type { SigningKeys } from '@sluice/adapters/identity/signing-keys'
import { openSigningKeysFile, SigningKeysError } from '@sluice/adapters/local/signing-keys-file'
import { StartFailure } from './start-failure.ts'

export async function openRegistryKeys(file: string): Promise<SigningKeys> {
  try {
    return await openSigningKeysFile(file)
  } catch (error) {
    if (error instanceof SigningKeysError) throw new StartFailure(error.message, { cause: error })
    throw error
  }
}
