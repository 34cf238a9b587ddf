/** A foreign issuer of tokens that the registry trusts, as its owner configures it (Kubernetes' JWTAuthenticator). */
export interface Issuer {
  /** Exactly as it stands in `iss`. */
  readonly url: string
  /** Where its OpenID configuration is, if not below `url`. */
  readonly discoveryUrl?: string
  /** Where its keys are; without it its OpenID configuration says so. */
  readonly jwksUrl?: string
  /** PEM; without it the machine's own authorities are trusted. */
  readonly certificateAuthority?: string
  /** At least one of them must stand in `aud`. */
  readonly audiences: readonly string[]
  readonly algorithms: readonly string[]
  readonly username: ClaimMapping
  readonly groups?: ClaimMapping
  /** Claims that a token must have with just this value. */
  readonly required: Readonly<Record<string, string>>
  /** People log in there with this client (`sluice login`). */
  readonly clientId?: string
  readonly scopes: readonly string[]
}

export interface ClaimMapping {
  readonly claim: string
  /** Put before each name, so that two issuers' users are two. */
  readonly prefix: string
}

/** Signatures that only the holder of a private key makes; never HMAC, whose secret a public key must not become. */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const
