import type { CryptoKey } from 'jose'
import type { KeyObject } from 'node:crypto'

/** The keys of one registry at one moment: one signs, all of them verify, so that a key can be changed while its tokens are about. */
export interface SigningKeys {
  readonly current: { readonly kid: string; readonly privateKey: KeyObject }
  readonly publicKeys: ReadonlyMap<string, CryptoKey>
}

export interface KeyRing {
  /**
   * The keys as they were a moment ago, at once unless they are to be read again; `wanted` names one that a token was
   * signed with: where it is not among them they are read again sooner. Rejects only where they were never read.
   */
  keys(wanted?: string): SigningKeys | Promise<SigningKeys>
}
