/** Token revocation. https://www.rfc-editor.org/rfc/rfc7009 */
import type { Renewal } from '../logins.ts'
import { openIssuer, reasonOf } from './login-issuer.ts'

/** Where the identity provider knows of it. That it fails is told and no more: here the login is forgotten already. */
export async function revoke(
  { issuer, clientId, refreshToken }: Renewal,
  warn: (text: string) => void,
): Promise<void> {
  try {
    const { tokenRevocation } = await import('openid-client')
    const provider = await openIssuer(issuer, clientId)
    if (provider.serverMetadata().revocation_endpoint === undefined) return
    await tokenRevocation(provider, refreshToken, { token_type_hint: 'refresh_token' })
  } catch (error) {
    warn(`Warning: ${issuer} did not end the login as well: ${reasonOf(error)}`)
  }
}
