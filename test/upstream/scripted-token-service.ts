/** A token service, and who may pull by it; or Basic. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { ProperAnswer } from './proper-answer.ts'

export type ScriptedLogin =
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | {
      readonly kind: 'token'
      /** Without both anybody gets a token. */
      readonly user?: string
      readonly password?: string
      /** Seconds; 300 without it, and `null` says nothing about it. */
      readonly expiresIn?: number | null
      /** Instead of `/token` at the upstream itself. */
      readonly realm?: string
      /** OAuth2 alone: GET is answered 404. */
      readonly byPost?: boolean
    }

export class ScriptedTokenService {
  readonly #tokens = new Map<string, string>()

  /** No token is good any more. */
  revoke(): void {
    this.#tokens.clear()
  }

  answer(request: IncomingMessage, url: URL, body: string, login: ScriptedLogin): ProperAnswer {
    if (login.kind !== 'token') return { status: 404, headers: {}, body: '' }
    const isPost = request.method === 'POST'
    if (login.byPost === true && !isPost) return { status: 404, headers: {}, body: '' }
    const asked = isPost ? new URLSearchParams(body) : url.searchParams
    const given = isPost
      ? `${asked.get('username')}:${asked.get('password')}`
      : decode(request.headers.authorization)
    const wanted = login.user === undefined ? undefined : `${login.user}:${login.password}`
    if (wanted !== undefined && given !== wanted) return { status: 401, headers: {}, body: '' }
    const token = randomUUID()
    this.#tokens.set(token, asked.get('scope') ?? '')
    const { expiresIn: expires = 300 } = login
    const said = isPost ? { access_token: token } : { token }
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...said, ...(expires !== null && { expires_in: expires }) }),
    }
  }

  /** The challenge for who may not pull; `undefined` for who may. */
  challenge(
    authorization: string | undefined,
    repository: string,
    login: ScriptedLogin,
    url: string,
  ): string | undefined {
    if (login.kind === 'basic') {
      const isGood = decode(authorization) === `${login.user}:${login.password}`
      return isGood ? undefined : 'Basic realm="scripted, upstream"'
    }
    const scope = `repository:${repository}:pull`
    const token = /^Bearer (.*)$/.exec(authorization ?? '')?.[1] ?? ''
    if (this.#tokens.get(token) === scope) return undefined
    const wrong = authorization === undefined ? '' : ',error="invalid_token"'
    const realm = login.realm ?? `${url}/token`
    return `Bearer realm="${realm}",service="scripted",scope="${scope}"${wrong}`
  }
}

const decode = (authorization: string | undefined): string =>
  Buffer.from(/^Basic (.*)$/.exec(authorization ?? '')?.[1] ?? '', 'base64').toString()
