/**
 * Tokens of the registry's own, as Kubernetes makes them for service accounts: ES256, with the keys that sign registry
 * tokens, told from those by their audience. https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/
 */
import { randomUUID } from 'node:crypto'
import { errors, exportJWK, jwtVerify, type JWTPayload } from 'jose'
import {
  LONGEST_API_TOKEN_SECONDS,
  type ApiToken,
  type ApiTokenRequest,
  type ApiTokens,
} from '@sluice/core/ports/api-tokens'
import type { Clock } from '@sluice/core/ports/clock'
import type { Identity } from '@sluice/core/ports/identity-provider'
import { CLOCK_SKEW_SECONDS, type TokenRefusal } from './jwt-identity-provider.ts'
import { publicKey } from './public-key.ts'
import type { ServiceAccountFinder } from './service-account-finder.ts'
import { signToken } from './sign-token.ts'
import type { KeyRing } from './signing-keys.ts'

const ALGORITHM = 'ES256'

/** Of tokens for the registry itself; no registry token has it. */
export const API_AUDIENCE = 'sluice-api'

const VOID: TokenRefusal = {
  reason: 'the token is void: its account is gone, or its tokens were revoked',
}
const NOT_OURS: TokenRefusal = { reason: 'the token is not of an issuer that this registry trusts' }

export class JoseApiTokens implements ApiTokens {
  readonly #ring: KeyRing
  readonly #clock: Clock
  readonly #accounts: ServiceAccountFinder

  constructor(ring: KeyRing, clock: Clock, accounts: ServiceAccountFinder) {
    this.#ring = ring
    this.#clock = clock
    this.#accounts = accounts
  }

  async issue(request: ApiTokenRequest): Promise<ApiToken> {
    const { identity, issuer, audiences, lifetimeSeconds, serviceAccount } = request
    if (lifetimeSeconds > LONGEST_API_TOKEN_SECONDS) {
      throw new RangeError('a token would outlive the key that verifies it')
    }
    const now = Math.floor(this.#clock.now() / 1000)
    const expires = now + lifetimeSeconds
    const account = serviceAccount && {
      namespace: serviceAccount.namespace,
      serviceaccount: { name: serviceAccount.name, uid: serviceAccount.uid },
    }
    const claims = {
      iss: issuer,
      aud: audiences.length === 0 ? [API_AUDIENCE] : audiences,
      sub: identity.user,
      ...(account ? { 'kubernetes.io': account } : { groups: identity.groups }),
      iat: now,
      nbf: now,
      exp: expires,
      jti: randomUUID(),
    }
    const token = signToken(claims, (await this.#ring.keys()).current)
    return { token, expiresAt: expires * 1000 }
  }

  async keySet(): Promise<{ readonly keys: readonly object[] }> {
    const { publicKeys } = await this.#ring.keys()
    const keys = [...publicKeys].map(async ([kid, key]) => {
      const { kty, crv, x, y } = await exportJWK(key)
      return { kty, crv, x, y, kid, alg: ALGORITHM, use: 'sig' }
    })
    return { keys: await Promise.all(keys) }
  }

  /** Whatever the issuer is called in it: only what our own keys signed is ours. */
  async identify(token: string): Promise<Identity | TokenRefusal> {
    let payload: JWTPayload
    try {
      const verified = await jwtVerify(token, ({ kid }) => publicKey(this.#ring, kid), {
        algorithms: [ALGORITHM],
        typ: 'JWT',
        audience: API_AUDIENCE,
        requiredClaims: ['sub', 'iat', 'exp', 'jti'],
        clockTolerance: CLOCK_SKEW_SECONDS,
        currentDate: new Date(this.#clock.now()),
      })
      payload = verified.payload
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { reason: 'the token has expired' }
      if (error instanceof errors.JOSEError || error instanceof TypeError) return NOT_OURS
      throw error
    }
    return this.#identityOf(payload)
  }

  async #identityOf(payload: JWTPayload): Promise<Identity | TokenRefusal> {
    const { sub = '', iat = 0, groups } = payload
    const bound = parseAccount(payload['kubernetes.io'])
    if (!bound) {
      return Array.isArray(groups) ? { user: sub, groups: groups.map(String), uid: sub } : NOT_OURS
    }
    const { namespace, name, uid } = bound
    const account = await this.#accounts.find(namespace, name)
    if (account?.uid !== uid || iat < account.tokensValidAfter) return VOID
    const all = [
      'system:serviceaccounts',
      `system:serviceaccounts:${namespace}`,
      'system:authenticated',
    ]
    return { user: sub, groups: all, uid }
  }
}

function parseAccount(claim: unknown) {
  if (typeof claim !== 'object' || claim === null) return undefined
  const { namespace, serviceaccount } = claim as Readonly<Record<string, unknown>>
  const { name, uid } = (serviceaccount ?? {}) as Readonly<Record<string, unknown>>
  if (typeof namespace !== 'string' || typeof name !== 'string' || typeof uid !== 'string')
    return undefined
  return { namespace, name, uid }
}
