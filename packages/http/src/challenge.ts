/**
 * The challenge of a 401: by the token specification of distribution (RFC 6750 section 3) for who needs a token, and in
 * OpenShift's words for who has presented credentials that are no good.
 */
import { RegistryError } from '@sluice/core/errors'
import type { Access } from '@sluice/core/access'
import type { AppContext, Parts } from './app-environment.ts'
import { baseUrl } from './base-url.ts'

export class UnauthorizedError extends RegistryError {
  override readonly name: string = 'UnauthorizedError'
  readonly challenge: string

  constructor(challenge: string, details: string | readonly unknown[]) {
    super('UNAUTHORIZED', details)
    this.challenge = challenge
  }
}

/** A refusal that tells the client which token to ask for, and where. */
export class ChallengeError extends UnauthorizedError {
  override readonly name = 'ChallengeError'

  constructor(
    c: AppContext,
    parts: Parts,
    detail: string,
    {
      access,
      error,
    }: { readonly access?: Access | readonly Access[]; readonly error?: string } = {},
  ) {
    const parameters = [`realm="${baseUrl(c, parts)}/token"`, `service="${parts.service}"`]
    if (access) parameters.push(`scope="${scopeOf(access)}"`)
    if (error) parameters.push(`error="${error}"`)
    super(`Bearer ${parameters.join(',')}`, detail)
  }
}

/** A refusal of credentials: another token would not help, another login might. */
export class CredentialsError extends UnauthorizedError {
  override readonly name = 'CredentialsError'

  /** `details`: why, for the eyes of whoever presented them. */
  constructor(
    problem: 'access denied' | 'failed to decode credentials',
    details: string | readonly unknown[],
  ) {
    super(`Basic realm=openshift,error="${problem}"`, details)
  }
}

/** Who pushes also looks: a client keeps one token for a repository, and lets one for `push` alone replace one for `pull`. */
const asked = (actions: readonly string[]): readonly string[] =>
  actions.includes('push') && !actions.includes('pull') ? ['pull', ...actions] : actions

const scopeOf = (access: Access | readonly Access[]): string =>
  [access]
    .flat()
    .map(({ type, name, actions }) => `${type}:${name}:${asked(actions).join(',')}`)
    .join(' ')

export const challengeOf = (error: RegistryError): string | undefined =>
  error instanceof UnauthorizedError ? error.challenge : undefined
