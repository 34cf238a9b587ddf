/** The registry's own issuer: tokens for the administrator and for service accounts, good for the whole API. */
import type { Identity } from './identity-provider.ts'

export interface ServiceAccountName {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** A year: a token that lives longer is one that nobody remembers, and as long an old signing key has to verify. */
export const LONGEST_API_TOKEN_SECONDS = 31_536_000

export interface ApiTokenRequest {
  readonly identity: Identity
  /** `https://host[:port]` of the registry, as the token's `iss`. */
  readonly issuer: string
  /** For whom the token is; the registry itself when empty. */
  readonly audiences: readonly string[]
  /** At most `LONGEST_API_TOKEN_SECONDS`. */
  readonly lifetimeSeconds: number
  /** Whose token it is; void with the account, or once its owner revokes what was made before. */
  readonly serviceAccount?: ServiceAccountName
}

export interface ApiToken {
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

export interface ApiTokens {
  issue(request: ApiTokenRequest): Promise<ApiToken>
  /** The public keys, as a JWK set: new ones before they sign, old ones as long as their tokens live. */
  keySet(): Promise<{ readonly keys: readonly object[] }>
}
