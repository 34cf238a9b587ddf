/** The short tokens that the token endpoint hands out; they carry the granted access, so that a request reads no rights. */
import type { Access } from '../access.ts'
import type { Identity } from './identity-provider.ts'

export interface RegistryToken {
  readonly identity: Identity
  readonly access: readonly Access[]
}

export interface IssuedToken {
  readonly token: string
  /** Seconds. The token is honoured a little longer, for slow clocks. */
  readonly expiresIn: number
}

export interface RegistryTokens {
  issue(content: RegistryToken): Promise<IssuedToken>

  /**
   * Reads no records, and the signing keys now and then; between that a token seen before is answered at once. `undefined` for
   * whatever this registry did not sign for itself, and for what has expired.
   */
  verify(token: string): RegistryToken | undefined | Promise<RegistryToken | undefined>
}
