import type { CryptoKey } from 'jose'

/** The keys of one registry: one signs, all of them verify, so that a key can be changed while its tokens are about. */
export interface SigningKeys {
  readonly current: { readonly kid: string; readonly privateKey: CryptoKey }
  readonly publicKeys: ReadonlyMap<string, CryptoKey>
}
