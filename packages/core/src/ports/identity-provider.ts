/** Who stands behind the credentials that a client presents. */

export interface Identity {
  readonly user: string
  readonly groups: readonly string[]
  /** Tells two users of one name apart; a service account's own, or what the issuer calls the user (`sub`). */
  readonly uid?: string
  /** Who acts for this user (`Impersonate-User`), for whoever reads later who did what. */
  readonly impersonator?: string
}

export const ANONYMOUS: Identity = { user: 'system:anonymous', groups: ['system:unauthenticated'] }

export interface Credentials {
  /** Absent for a Bearer token. Means nothing beside a token, which says itself whose it is. */
  readonly username?: string
  /** A password, or a JSON web token of an issuer that the registry trusts. */
  readonly password: string
  /** The caller's network address, for rate limits; never trusted for more. */
  readonly from: string
}

/** `reason` is for the caller's own eyes and the log; it names no secret. `retryAfter`: seconds, when asked too often. */
export interface Refusal {
  readonly refused: true
  readonly reason: string
  readonly retryAfter?: number
}

export interface IdentityProvider {
  /** Never throws for bad credentials; takes the same time whether or not the user exists. */
  identify(credentials: Credentials): Promise<Identity | Refusal>
}

export const isRefusal = (answer: Identity | Refusal): answer is Refusal => 'refused' in answer
