/** The registry as an issuer: whoever trusts its service accounts finds its keys here (OpenID Connect Discovery 1.0). */
import type { AppContext, Parts } from '../app-environment.ts'
import { baseUrl } from '../base-url.ts'
import type { Methods } from '../route-table.ts'

export const KEYS_PATH = '/openid/v1/jwks'

export const openidConfigurationRoutes = (parts: Parts): Methods => ({
  GET: async (c) => {
    const issuer = baseUrl(c, parts)
    return cacheable(c, {
      issuer,
      jwks_uri: `${issuer}${KEYS_PATH}`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    })
  },
})

export const openidKeysRoutes = (parts: Parts): Methods => ({
  GET: async (c) => cacheable(c, await parts.apiTokens.keySet()),
})

function cacheable(c: AppContext, body: object): Response {
  c.header('Cache-Control', 'public, max-age=300')
  return c.json(body)
}
