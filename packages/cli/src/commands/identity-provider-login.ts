/** Logs in at an identity provider, and says to the user where to go. */
import type { Login } from '../logins.ts'
import { logInByBrowser } from '../oidc/log-in-by-browser.ts'
import { logInByDevice } from '../oidc/log-in-by-device.ts'
import type { LoginIssuer } from '../oidc/login-issuer.ts'
import type { Session } from '../session.ts'

export async function identityProviderLogin(
  session: Session,
  issuer: LoginIssuer,
  how: 'browser' | 'device' | 'url',
): Promise<Pick<Login, 'renewal' | 'token'>> {
  const { idToken, refreshToken } =
    how === 'device'
      ? await logInByDevice(issuer, (where, code) =>
          session.say(`To log in, open ${where} and confirm the code ${code}`),
        )
      : await logInByBrowser(issuer, async (url) => {
          if (how === 'url') session.say(`To log in, open ${url}`)
          else {
            session.say(`Opening login URL in the default browser: ${url}`)
            await openBrowser(session, url)
          }
        })
  const { url, clientId } = issuer
  const renewal = refreshToken === undefined ? undefined : { issuer: url, clientId, refreshToken }
  return { token: idToken, ...(renewal && { renewal }) }
}

async function openBrowser(session: Session, url: string): Promise<void> {
  const { default: open } = await import('open')
  const none = (): void =>
    session.warn('No browser could be started: open that URL in one yourself')
  try {
    const browser = await open(url)
    browser.on('error', none)
  } catch {
    none()
  }
}
