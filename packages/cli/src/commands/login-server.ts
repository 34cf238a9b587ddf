/** At which server one logs in, and what is known of it. */
import { resolve } from 'node:path'
import type { Server } from '../api-client.ts'
import { CommandError } from '../command-error.ts'
import { hostOf, loginsByHost, type Login } from '../logins.ts'
import type { Session } from '../session.ts'

export interface ServerOptions {
  readonly certificateAuthority?: string
  readonly insecureSkipTlsVerify?: boolean
}

/** The login last used at just this server: one at `http://` is not taken for the same at `https://`. */
export function knownLogin(session: Session, server: string): Login | undefined {
  const known = loginsByHost(session.config.read()).get(hostOf(server))
  return known?.server === server ? known : undefined
}

/** What was said of a server that is known need not be said again. */
export function serverToLogInAt(
  session: Session,
  named: string | undefined,
  { certificateAuthority, insecureSkipTlsVerify }: ServerOptions,
): Server {
  const server = named === undefined ? session.login.server : originOf(named)
  const known = knownLogin(session, server)
  const ca =
    certificateAuthority === undefined ? known?.certificateAuthority : resolve(certificateAuthority)
  const insecure = insecureSkipTlsVerify ?? known?.insecure
  return {
    server,
    ...(ca === undefined ? {} : { certificateAuthority: ca }),
    ...(insecure === true ? { insecure } : {}),
  }
}

function originOf(text: string): string {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`)
  if (url && (url.protocol === 'https:' || url.protocol === 'http:')) return url.origin
  throw new CommandError(`error: ${text} is no server: say https://host[:port]`)
}
