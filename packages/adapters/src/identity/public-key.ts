import { errors, type CryptoKey } from 'jose'
import type { KeyRing } from './signing-keys.ts'

/** The key by which a token of ours says that it was signed. Throws jose's error where there is none of that name. */
export async function publicKey(ring: KeyRing, kid: string | undefined): Promise<CryptoKey> {
  const key = kid === undefined ? undefined : (await ring.keys(kid)).publicKeys.get(kid)
  if (key === undefined) throw new errors.JWKSNoMatchingKey()
  return key
}
