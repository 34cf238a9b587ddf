/** Registry tokens as ES256 JWTs with the claims of distribution's token specification. */
import { randomUUID } from 'node:crypto'
import { errors, jwtVerify, type JWTPayload } from 'jose'
import type { Access } from '@sluice/core/access'
import type { Clock } from '@sluice/core/ports/clock'
import type { IssuedToken, RegistryToken, RegistryTokens } from '@sluice/core/ports/registry-tokens'
import { publicKey } from './public-key.ts'
import { RememberedTokens } from './remembered-tokens.ts'
import { signToken } from './sign-token.ts'
import type { KeyRing, SigningKeys } from './signing-keys.ts'

const ALGORITHM = 'ES256'

/** The least that all clients understand; a right that was taken away lasts as long, and the grace. */
export const TOKEN_LIFETIME_SECONDS = 60

/**
 * Clients use a token until its last second, and most of them cannot repeat a request whose body is under way (only
 * containerd can): a push must not break because a token ran out between two of its requests.
 */
export const TOKEN_GRACE_SECONDS = 60

/** Between the clocks of two servers that share their keys. */
export const CLOCK_TOLERANCE_SECONDS = 10

/** No token of ours is longer than a header may be; a longer text is refused before anything parses it. */
export const MAX_TOKEN_CHARACTERS = 16 * 1024

const HONOURED_BEYOND_SECONDS = TOKEN_GRACE_SECONDS + CLOCK_TOLERANCE_SECONDS

interface VerifiedToken {
  readonly content: RegistryToken
  /** Void with its key, however long it was good for. */
  readonly kid: string
}

export class JoseRegistryTokens implements RegistryTokens {
  readonly #ring: KeyRing
  readonly #service: string
  readonly #issuer: string
  readonly #clock: Clock
  readonly #remembered = new RememberedTokens<VerifiedToken>()

  constructor(options: {
    readonly ring: KeyRing
    readonly service: string
    readonly issuer: string
    readonly clock: Clock
  }) {
    this.#ring = options.ring
    this.#service = options.service
    this.#issuer = options.issuer
    this.#clock = options.clock
  }

  async issue({ identity, access }: RegistryToken): Promise<IssuedToken> {
    const now = Math.floor(this.#clock.now() / 1000)
    const claims = {
      iss: this.#issuer,
      aud: this.#service,
      sub: identity.user,
      groups: identity.groups,
      access,
      iat: now,
      nbf: now,
      exp: now + TOKEN_LIFETIME_SECONDS,
      jti: randomUUID(),
    }
    const token = signToken(claims, (await this.#ring.keys()).current)
    return { token, expiresIn: TOKEN_LIFETIME_SECONDS }
  }

  verify(token: string): RegistryToken | undefined | Promise<RegistryToken | undefined> {
    if (token.length > MAX_TOKEN_CHARACTERS) return undefined
    const keys = this.#ring.keys()
    return keys instanceof Promise
      ? keys.then((read) => this.#verify(token, read))
      : this.#verify(token, keys)
  }

  #verify(
    token: string,
    keys: SigningKeys,
  ): RegistryToken | undefined | Promise<RegistryToken | undefined> {
    const now = this.#clock.now()
    const known = this.#remembered.get(token, now)
    return known && keys.publicKeys.has(known.kid) ? known.content : this.#verifyNew(token, now)
  }

  async #verifyNew(token: string, now: number): Promise<RegistryToken | undefined> {
    const verified = await this.#verifySignature(token, now)
    if (verified === undefined) return undefined
    const { payload, kid } = verified
    const content = parseContent(payload)
    if (content === undefined || payload.exp === undefined) return undefined
    const until = (payload.exp + HONOURED_BEYOND_SECONDS) * 1000
    this.#remembered.add(token, { content, kid }, until)
    return content
  }

  async #verifySignature(
    token: string,
    now: number,
  ): Promise<{ readonly payload: JWTPayload; readonly kid: string } | undefined> {
    try {
      const { payload, protectedHeader } = await jwtVerify(
        token,
        ({ kid }) => publicKey(this.#ring, kid),
        {
          algorithms: [ALGORITHM],
          typ: 'JWT',
          issuer: this.#issuer,
          audience: this.#service,
          requiredClaims: ['sub', 'iat', 'nbf', 'exp', 'jti'],
          clockTolerance: HONOURED_BEYOND_SECONDS,
          currentDate: new Date(now),
        },
      )
      return { payload, kid: protectedHeader.kid ?? '' }
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }
}

const ACTIONS: readonly unknown[] = ['pull', 'push', 'delete', '*']

const isAccess = (value: unknown): value is Access =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  (value.type === 'repository' || value.type === 'registry') &&
  'name' in value &&
  typeof value.name === 'string' &&
  'actions' in value &&
  Array.isArray(value.actions) &&
  value.actions.every((action) => ACTIONS.includes(action))

/** The signature says that it is ours, not which version of this program wrote it. */
function parseContent({ sub, groups, access }: JWTPayload): RegistryToken | undefined {
  if (sub === undefined || !Array.isArray(groups) || !Array.isArray(access)) return undefined
  const names: readonly unknown[] = groups
  const grants: readonly unknown[] = access
  if (!names.every((name) => typeof name === 'string') || !grants.every(isAccess)) return undefined
  return { identity: { user: sub, groups: names }, access: grants }
}
