/** Authorization code with PKCE on a loopback redirect. https://www.rfc-editor.org/rfc/rfc8252#section-7.3 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CommandError } from '../command-error.ts'
import { grantedBy, openIssuer, reasonOf, type Granted, type LoginIssuer } from './login-issuer.ts'

/** As long as somebody may look for a password. */
const WITHIN_MS = 600_000

/** `show` is told where to send the browser. */
export async function logInByBrowser(
  { url, clientId, scopes }: LoginIssuer,
  show: (url: string) => Promise<void>,
): Promise<Granted> {
  const client = await import('openid-client')
  const issuer = await openIssuer(url, clientId)
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const expectedState = client.randomState()
  const expectedNonce = client.randomNonce()
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const redirectUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`
  const returned = callback(server, redirectUri, expectedState)
  try {
    const authorize = client.buildAuthorizationUrl(issuer, {
      redirect_uri: redirectUri,
      scope: scopes.join(' '),
      state: expectedState,
      nonce: expectedNonce,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      // https://openid.net/specs/openid-connect-core-1_0.html#OfflineAccess
      ...(scopes.includes('offline_access') && { prompt: 'consent' }),
    })
    await show(authorize.href)
    const { at, answer } = await returned
    try {
      const checks = { pkceCodeVerifier, expectedState, expectedNonce }
      const granted = grantedBy(url, await client.authorizationCodeGrant(issuer, at, checks))
      await answer(200, 'You are logged in. You may close this window.')
      return granted
    } catch (error) {
      await answer(400, 'The login failed. The command line says why.')
      if (error instanceof CommandError) throw error
      throw new CommandError(`error: the login at ${url} failed: ${reasonOf(error)}`, {
        cause: error,
      })
    }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

interface Returned {
  readonly at: URL
  readonly answer: (status: number, text: string) => Promise<void>
}

/** A request with another state was not asked for here: it is turned away, and the wait goes on. */
function callback(
  server: ReturnType<typeof createServer>,
  redirectUri: string,
  state: string,
): Promise<Returned> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new CommandError('error: nobody logged in within ten minutes')),
      WITHIN_MS,
    )
    server.on('close', () => clearTimeout(late))
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const at = new URL(request.url ?? '/', redirectUri)
      const answer = async (status: number, text: string): Promise<void> => {
        if (response.destroyed) return
        response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
        await once(response, 'close')
      }
      if (at.pathname !== '/callback') void answer(404, 'Not found.')
      else if (at.searchParams.get('state') !== state)
        void answer(400, 'This login was not asked for here.')
      else resolve({ at, answer })
    })
  })
}
