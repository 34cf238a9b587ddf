/**
 * The login of the bootstrap administrator, as OpenShift's own clients do it: a challenge for name and password, answered by a
 * redirect whose fragment holds a token. https://docs.openshift.com/container-platform/latest/authentication/configuring-internal-oauth.html
 */
import { RegistryError } from '@sluice/core/errors'
import { unverifiedIssuer } from '@sluice/core/unverified-issuer'
import type { Parts } from '../app-environment.ts'
import { baseUrl } from '../base-url.ts'
import { parseBasic } from '../basic-credentials.ts'
import { authenticate } from '../caller.ts'
import { UnauthorizedError } from '../challenge.ts'
import type { Methods } from '../route-table.ts'

/** A day, as OpenShift's. */
const LIFETIME_SECONDS = 86_400

const CLIENT = 'openshift-challenging-client'

const CHALLENGE = 'Basic realm="openshift"'

export const oauthServerRoutes = (parts: Parts): Methods => ({
  GET: async (c) => {
    const issuer = baseUrl(c, parts)
    return c.json({
      issuer,
      authorization_endpoint: `${issuer}/oauth/authorize`,
      token_endpoint: `${issuer}/oauth/token`,
      scopes_supported: ['user:full'],
      response_types_supported: ['token'],
      grant_types_supported: ['implicit'],
      code_challenge_methods_supported: ['S256'],
    })
  },
})

export const authorizeRoutes = (parts: Parts): Methods => ({
  GET: async (c) => {
    if (c.req.query('client_id') !== CLIENT || c.req.query('response_type') !== 'token') {
      throw new RegistryError(
        'REQUEST_INVALID',
        `ask for response_type=token as client_id=${CLIENT}`,
      )
    }
    // A page of another site can make a browser ask, and cannot make it send this.
    if (c.req.header('x-csrf-token') === undefined) {
      throw new RegistryError('REQUEST_INVALID', 'a challenging client sends X-CSRF-Token')
    }
    const header = c.req.header('authorization')
    if (header === undefined)
      throw new UnauthorizedError(CHALLENGE, 'log in with name and password')
    // It would get one that outlives it, bound to no account that can be removed.
    if (unverifiedIssuer(parseBasic(header)?.password ?? '') !== undefined) {
      const detail = 'log in with name and password: a token is presented itself'
      throw new UnauthorizedError(CHALLENGE, detail)
    }
    const identity = await authenticate(header, c, parts)
    const issuer = baseUrl(c, parts)
    const { token } = await parts.apiTokens.issue({
      identity,
      issuer,
      audiences: [],
      lifetimeSeconds: LIFETIME_SECONDS,
    })
    const granted = new URLSearchParams({
      access_token: token,
      expires_in: String(LIFETIME_SECONDS),
      scope: 'user:full',
      token_type: 'Bearer',
    })
    c.header('Cache-Control', 'no-store')
    return c.redirect(`${issuer}/oauth/token/implicit#${granted.toString()}`, 302)
  },
})
