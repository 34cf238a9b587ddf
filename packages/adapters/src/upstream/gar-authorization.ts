import { createHash } from 'node:crypto'
import type { SharedTokens } from '@sluice/core/ports/shared-tokens'
import { UpstreamError } from '@sluice/core/ports/upstream'
import type { Authorization } from './authorizations.ts'
import { isGarHost } from './gar-host.ts'
import type { GoogleTokens } from './google-tokens.ts'
import { sharedToken } from './shared-token.ts'
import { basic } from './token-service.ts'

/** https://cloud.google.com/artifact-registry/docs/docker/authentication#token */
const USER = 'oauth2accesstoken'

export interface GarAuthorizationOptions {
  readonly upstream: string
  readonly tokens: SharedTokens
  readonly googleTokens: GoogleTokens
  /** The key of the service account. */
  readonly readKey: () => Promise<string>
}

/** Basic for Google's registry itself, shared as a token is. Throws `UpstreamError`. */
export async function garAuthorization(
  base: URL,
  { upstream, tokens, googleTokens, readKey }: GarAuthorizationOptions,
): Promise<Authorization> {
  if (!isGarHost(base.hostname) || base.protocol !== 'https:') {
    const message = "has credentials of Google's Artifact Registry and is none"
    throw new UpstreamError(upstream, 'forbidden', message)
  }
  const secret = await readKey()
  // Of another account the token of the former is none.
  const account = createHash('sha256').update(secret).digest('hex')
  const key = `${upstream}/gar/${account}`
  const shared = await sharedToken(tokens, key, () => googleTokens.fetch(secret))
  return { value: basic(USER, shared.token), shared }
}
