/** Where people log in, as the registry says, and what they bring from there. */
import type { Configuration } from 'openid-client'
import { ApiClient, type ApiObject, type Server } from '../api-client.ts'
import { CommandError } from '../command-error.ts'

export interface LoginIssuer {
  readonly url: string
  readonly clientId: string
  readonly scopes: readonly string[]
}

/** The ID token is what the registry takes. */
export interface Granted {
  readonly idToken: string
  readonly refreshToken?: string
}

export async function loginIssuers(server: Server): Promise<readonly LoginIssuer[]> {
  const { items = [] } = await new ApiClient(server).object('GET', '/apis/sluice.dev/v1/issuers')
  return items.map(({ metadata, spec }: ApiObject) => {
    const { clientID, scopes } = spec as { clientID: string; scopes: readonly string[] }
    return { url: metadata.name, clientId: clientID, scopes }
  })
}

/** `wanted`: its url, where there are several. */
export function chooseIssuer(
  issuers: readonly LoginIssuer[],
  wanted: string | undefined,
): LoginIssuer {
  const [first] = issuers
  const chosen = wanted === undefined ? first : issuers.find(({ url }) => url === wanted)
  if (first === undefined) {
    throw new CommandError(
      'error: the registry names no identity provider to log in at: say -u and -p, or --token',
    )
  }
  if (chosen && (wanted !== undefined || issuers.length === 1)) return chosen
  const list = issuers.map(({ url }) => `\n    ${url}`).join('')
  throw new CommandError(`error: say --issuer-url with one of these:${list}`)
}

/** Its endpoints, by OpenID Connect Discovery. In the open only to this machine itself. */
export async function openIssuer(url: string, clientId: string): Promise<Configuration> {
  const { allowInsecureRequests, discovery, None } = await import('openid-client')
  const local = /^http:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])[:/]/.test(`${url}/`)
  try {
    return await discovery(new URL(url), clientId, undefined, None(), {
      ...(local && { execute: [allowInsecureRequests] }),
    })
  } catch (error) {
    throw new CommandError(
      `error: the identity provider ${url} cannot be asked: ${reasonOf(error)}`,
      {
        cause: error,
      },
    )
  }
}

export function grantedBy(
  url: string,
  { id_token: idToken, refresh_token: refreshToken }: { id_token?: string; refresh_token?: string },
): Granted {
  if (idToken === undefined) throw new CommandError(`error: ${url} grants no ID token`)
  return { idToken, ...(refreshToken !== undefined && { refreshToken }) }
}

/** What the identity provider says of it (RFC 6749, 5.2), or what lies beneath. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { error: code, error_description: description } = error as {
    error?: unknown
    error_description?: unknown
  }
  if (typeof code === 'string') {
    return typeof description === 'string' ? `${code} (${description})` : code
  }
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
