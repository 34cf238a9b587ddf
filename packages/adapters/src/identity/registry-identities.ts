/**
 * Everyone whom the registry knows: a token is the foreign issuer's that it names or the registry's own, whether it comes as a
 * Bearer token or as a password beside any user name; any other password is the administrator's.
 */
import {
  ANONYMOUS,
  isRefusal,
  type Credentials,
  type Identity,
  type IdentityProvider,
  type Refusal,
} from '@sluice/core/ports/identity-provider'
import { ADMINISTRATOR } from '@sluice/core/services/administrator'
import type { JoseApiTokens } from './jose-api-tokens.ts'
import type { JwtIdentityProvider, TokenRefusal } from './jwt-identity-provider.ts'
import { MAX_TOKEN_CHARACTERS, unverifiedIssuer } from '@sluice/core/unverified-issuer'

/** OpenShift's: as good as no credentials. */
const NO_CREDENTIALS = 'anonymous'

export interface IdentitySources {
  readonly passwords: IdentityProvider
  readonly foreign: JwtIdentityProvider
  readonly own: Pick<JoseApiTokens, 'identify'>
  /** Whether the bootstrap administrator was switched off for good. */
  readonly isAdministratorGone: () => Promise<boolean>
  /** Told why a token could not be verified, where that is not for its bearer to know. */
  readonly onProblem: (problem: string) => void
}

export class RegistryIdentities implements IdentityProvider {
  readonly #sources: IdentitySources

  constructor(sources: IdentitySources) {
    this.#sources = sources
  }

  /** Nobody guesses a signature, so no number of wrong tokens is too many; wrong passwords are counted. */
  async identify(credentials: Credentials): Promise<Identity | Refusal> {
    const answer = await this.#identify(credentials)
    if (isRefusal(answer) || answer.user !== ADMINISTRATOR) return answer
    if (!(await this.#sources.isAdministratorGone())) return answer
    return { refused: true, reason: 'wrong user name or password' }
  }

  async #identify(credentials: Credentials): Promise<Identity | Refusal> {
    const { username, password } = credentials
    const { passwords, foreign } = this.#sources
    if (username === undefined && password === NO_CREDENTIALS) return ANONYMOUS
    const remembered = foreign.remembered(password)
    if (remembered) return remembered
    const issuer = unverifiedIssuer(password)
    if (issuer === undefined && username !== undefined && password.length <= MAX_TOKEN_CHARACTERS) {
      return passwords.identify(credentials)
    }
    const answer = await this.#identifyToken(password, issuer)
    if (!('reason' in answer)) return answer
    if (answer.problem !== undefined) this.#sources.onProblem(answer.problem)
    return { refused: true, reason: answer.reason }
  }

  async #identifyToken(
    token: string,
    issuer: string | undefined,
  ): Promise<Identity | TokenRefusal> {
    const { foreign, own } = this.#sources
    if (issuer === undefined) return { reason: 'this is no JSON web token' }
    return foreign.knows(issuer) ? foreign.identify(token, issuer) : own.identify(token)
  }
}
