/** The device authorization grant: the browser may be on another machine. https://www.rfc-editor.org/rfc/rfc8628 */
import { CommandError } from '../command-error.ts'
import { grantedBy, openIssuer, reasonOf, type Granted, type LoginIssuer } from './login-issuer.ts'

/** `show` is told where to go, and which code to enter there. */
export async function logInByDevice(
  { url, clientId, scopes }: LoginIssuer,
  show: (where: string, code: string) => void,
): Promise<Granted> {
  const client = await import('openid-client')
  const issuer = await openIssuer(url, clientId)
  if (issuer.serverMetadata().device_authorization_endpoint === undefined) {
    throw new CommandError(`error: ${url} knows no device codes: say --web`)
  }
  try {
    const started = await client.initiateDeviceAuthorization(issuer, {
      scope: scopes.join(' '),
      ...(scopes.includes('offline_access') && { prompt: 'consent' }),
    })
    show(started.verification_uri_complete ?? started.verification_uri, started.user_code)
    return grantedBy(url, await client.pollDeviceAuthorizationGrant(issuer, started))
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`error: the login at ${url} failed: ${reasonOf(error)}`, {
      cause: error,
    })
  }
}
