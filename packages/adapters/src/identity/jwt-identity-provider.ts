/** Users whom foreign issuers vouch for: their JSON web tokens are the passwords of `podman login`. */
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose'
import type { Clock } from '@sluice/core/ports/clock'
import type { Identity } from '@sluice/core/ports/identity-provider'
import { identityOfClaims } from './identity-of-claims.ts'
import type { IssuerKeyRecords } from './issuer-key-records.ts'
import { IssuerKeys, IssuerUnreachableError, KEPT_FOR_MS, type IssuerTold } from './issuer-keys.ts'
import type { Issuer } from './issuer.ts'
import { RememberedTokens } from './remembered-tokens.ts'
import { hasUniqueMembers } from './unique-members.ts'

/** Between the issuer's clock and ours. */
export const CLOCK_SKEW_SECONDS = 60

const TYPES: readonly unknown[] = [
  undefined,
  'jwt',
  'at+jwt',
  'application/at+jwt',
  'application/jwt',
]

/** Why not, for the caller's own eyes; and what only the log may know. */
export interface TokenRefusal {
  readonly reason: string
  readonly problem?: string
}

interface Trusted {
  readonly issuer: Issuer
  readonly keys: IssuerKeys
}

export class JwtIdentityProvider {
  readonly #issuers: ReadonlyMap<string, Trusted>
  readonly #clock: Clock
  readonly #remembered = new RememberedTokens<Identity>()

  constructor(
    issuers: readonly Issuer[],
    clock: Clock,
    records: IssuerKeyRecords,
    told?: IssuerTold,
  ) {
    this.#issuers = new Map(
      issuers.map((issuer) => [
        issuer.url,
        { issuer, keys: new IssuerKeys(issuer, clock, records, told) },
      ]),
    )
    this.#clock = clock
  }

  /** Whether it is for this provider to say who presents a token of that issuer. */
  knows(issuer: string): boolean {
    return this.#issuers.has(issuer)
  }

  /** The one that was verified before, at once. */
  remembered(token: string): Identity | undefined {
    return this.#remembered.get(token, this.#clock.now())
  }

  /** `claimed`: the issuer that the token names, of those that are known. */
  async identify(token: string, claimed: string): Promise<Identity | TokenRefusal> {
    const trusted = this.#issuers.get(claimed)
    if (!trusted) return { reason: 'the issuer of the token is not trusted' }
    const unreadable = problemOfText(token)
    if (unreadable !== undefined) return { reason: unreadable }
    let payload: JWTPayload
    try {
      payload = await this.#verify(token, trusted)
    } catch (error) {
      return refusalOf(error)
    }
    const identity = identityOfClaims(payload, trusted.issuer)
    if (typeof identity === 'string') return { reason: `the token is refused: ${identity}` }
    const ends = ((payload.exp ?? 0) + CLOCK_SKEW_SECONDS) * 1000
    // Verified again then: its key may have been taken back.
    const until = Math.min(ends, this.#clock.now() + KEPT_FOR_MS)
    this.#remembered.add(token, identity, until)
    return identity
  }

  async #verify(token: string, { issuer, keys }: Trusted): Promise<JWTPayload> {
    // Of the header only `alg` and the name `kid` count; keys and places of keys in it (jwk, jku, x5u, x5c) are nothing.
    const { payload } = await jwtVerify(token, (header) => keys.key(header), {
      algorithms: [...issuer.algorithms],
      issuer: issuer.url,
      audience: [...issuer.audiences],
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_SKEW_SECONDS,
      currentDate: new Date(this.#clock.now()),
    })
    return payload
  }
}

/** What a parser could read in two ways is not given to one. */
function problemOfText(token: string): string | undefined {
  try {
    const [header = '', payload = ''] = token.split('.')
    const texts = [header, payload].map((part) => Buffer.from(part, 'base64url').toString('utf8'))
    if (!texts.every(hasUniqueMembers)) return 'the token says something twice'
    const { typ } = decodeProtectedHeader(token)
    return TYPES.includes(typ?.toLowerCase())
      ? undefined
      : 'the token is of a kind that is no login'
  } catch {
    return 'the token is no JSON web token'
  }
}

function refusalOf(error: unknown): TokenRefusal {
  if (error instanceof IssuerUnreachableError) {
    return { reason: 'the token cannot be verified just now', problem: error.message }
  }
  if (error instanceof errors.JWTExpired) return { reason: 'the token has expired' }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return { reason: `the token is refused: its ${error.claim} does not fit` }
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return { reason: 'the token cannot be verified', problem: 'its issuer has no such key' }
  }
  if (error instanceof errors.JOSEError || error instanceof TypeError) {
    return { reason: 'the token cannot be verified', problem: error.message }
  }
  throw error
}
