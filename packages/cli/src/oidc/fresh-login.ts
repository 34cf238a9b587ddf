/** Renews the ID token of a login before it expires. */
import type { ConfigFile } from '../config-file.ts'
import { CommandError } from '../command-error.ts'
import { hostOf, sameLogin, withToken, type Login, type Renewal } from '../logins.ts'
import { grantedBy, openIssuer, reasonOf, type Granted } from './login-issuer.ts'

/** A token that has less left may not last for what it is wanted for. */
const LEAST_LEFT_SECONDS = 60

/** The same login where nothing renews it, or nothing need to. */
export async function freshLogin(config: ConfigFile, login: Login): Promise<Login> {
  if (!login.renewal || secondsLeft(login.token) >= LEAST_LEFT_SECONDS) return login
  // Alone: an identity provider may take a refresh token that comes twice for a stolen one.
  return config.changeSlowly(async (file, write) => {
    const newest = sameLogin(file, login)
    if (!newest?.renewal) throw ended(login, 'it was logged out of')
    if (secondsLeft(newest.token) >= LEAST_LEFT_SECONDS) return newest
    const { renewal } = newest
    let granted: Granted
    try {
      granted = await renew(renewal)
    } catch (error) {
      if (secondsLeft(newest.token) > 0) return newest
      if (error instanceof CommandError) throw error
      throw isRefusal(error)
        ? ended(login, reasonOf(error), error)
        : new CommandError(`error: ${renewal.issuer} cannot be asked: ${reasonOf(error)}`, {
            cause: error,
          })
    }
    const { idToken: token, refreshToken = renewal.refreshToken } = granted
    const fresh = { ...newest, token, renewal: { ...renewal, refreshToken } }
    write(withToken(file, fresh))
    return fresh
  })
}

async function renew({ issuer, clientId, refreshToken }: Renewal): Promise<Granted> {
  const { refreshTokenGrant } = await import('openid-client')
  return grantedBy(
    issuer,
    await refreshTokenGrant(await openIssuer(issuer, clientId), refreshToken),
  )
}

/** The identity provider has answered, and will answer the same again. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'error' in error && typeof error.error === 'string'

const ended = ({ server }: Login, reason: string, cause?: unknown): CommandError =>
  new CommandError(
    `error: your login at ${hostOf(server)} has ended, ${reason}: log in again with sluice login ${server}`,
    { cause },
  )

/** Of a token that says so; one that does not lasts as long as the registry takes it. */
function secondsLeft(token: string): number {
  try {
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
    const { exp } = JSON.parse(payload) as { readonly exp?: unknown }
    return typeof exp === 'number' ? exp - Date.now() / 1000 : Infinity
  } catch {
    return Infinity
  }
}
