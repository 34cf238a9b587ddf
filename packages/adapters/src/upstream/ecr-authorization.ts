import type { SharedTokens } from '@sluice/core/ports/shared-tokens'
import { UpstreamError } from '@sluice/core/ports/upstream'
import type { Authorization } from './authorizations.ts'
import type { FetchEcrLogin } from './ecr-login.ts'
import { ecrRegion } from './ecr-region.ts'
import { sharedToken } from './shared-token.ts'

export interface EcrAuthorizationOptions {
  readonly upstream: string
  readonly tokens: SharedTokens
  /** Without it this registry runs where AWS gives it no login. */
  readonly fetchEcrLogin: FetchEcrLogin | undefined
  readonly onProblem: (problem: string) => void
}

const BASE64 = /^[A-Za-z0-9+/]{1,65536}={0,2}$/

/** Basic for ECR itself: to no other host may AWS's login be sent. Shared as a token is. Throws `UpstreamError`. */
export async function ecrAuthorization(
  base: URL,
  { upstream, tokens, fetchEcrLogin, onProblem }: EcrAuthorizationOptions,
): Promise<Authorization> {
  const region = ecrRegion(base.hostname)
  if (region === undefined || base.protocol !== 'https:') {
    throw new UpstreamError(upstream, 'forbidden', 'has credentials of ECR and is none')
  }
  if (!fetchEcrLogin) {
    const message = 'has credentials of ECR, which this registry cannot get where it runs'
    throw new UpstreamError(upstream, 'forbidden', message)
  }
  const key = `${upstream}/ecr/${base.host}`
  const shared = await sharedToken(tokens, key, async () => {
    const login = await fetchEcrLogin(region).catch((error: unknown) => {
      onProblem(`upstream ${upstream}: no login of ECR: ${(error as Error).name}`)
      throw new UpstreamError(upstream, 'refusing', 'gives this registry no login')
    })
    if (!BASE64.test(login.authorizationToken)) {
      throw new UpstreamError(upstream, 'lying', 'gives a login that is none')
    }
    return { token: login.authorizationToken, expiresAt: login.expiresAt }
  })
  return { value: `Basic ${shared.token}`, shared }
}
