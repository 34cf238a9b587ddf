/** The challenge of a 401, by the token specification of distribution (RFC 6750 section 3). */
import { RegistryError } from '@sluice/core/errors'
import type { Access } from '@sluice/core/access'
import type { AppContext, Parts } from './app-environment.ts'
import { baseUrl } from './base-url.ts'

/** A refusal that tells the client which token to ask for, and where. */
export class ChallengeError extends RegistryError {
  override readonly name = 'ChallengeError'
  readonly challenge: string

  constructor(
    c: AppContext,
    parts: Parts,
    detail: string,
    {
      access,
      error,
    }: { readonly access?: Access | readonly Access[]; readonly error?: string } = {},
  ) {
    super('UNAUTHORIZED', detail)
    const parameters = [`realm="${baseUrl(c, parts)}/token"`, `service="${parts.service}"`]
    if (access) parameters.push(`scope="${scopeOf(access)}"`)
    if (error) parameters.push(`error="${error}"`)
    this.challenge = `Bearer ${parameters.join(',')}`
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
  error instanceof ChallengeError ? error.challenge : undefined
