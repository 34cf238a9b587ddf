/** A token for pulling from one repository: https://distribution.github.io/distribution/spec/auth/token and .../oauth */
import type { Clock } from '@sluice/core/ports/clock'
import { UpstreamError } from '@sluice/core/ports/upstream'
import type { Answer, Connections } from './connections.ts'
import { jsonObject } from '../shared/json-object.ts'
import type { RefuseAnswer } from './refuse-answer.ts'

export interface TokenRequest {
  readonly realm: URL
  readonly service: string | undefined
  readonly scope: string
  /** Whom to log in as; without it the token is anybody's. */
  readonly login: { readonly user: string; readonly password: string } | undefined
}

export interface FetchedToken {
  readonly token: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

const MAX_BYTES = 128 * 1024
/** Seconds. Where the answer says nothing (GHCR) the specification says 60; but a token that ended sooner is only fetched anew. */
const USUAL_LIFE = 300
const SHORTEST_LIFE = 60
const LONGEST_LIFE = 86_400
const TOKEN = /^[\x21-\x7e]{1,65536}$/
/** A service that knows only OAuth2 answers GET with one of these. */
const NOT_BY_GET = new Set([400, 404, 405])

export class TokenService {
  readonly #upstream: string
  readonly #connections: Connections
  readonly #clock: Clock
  readonly #refuse: RefuseAnswer

  constructor(upstream: string, connections: Connections, clock: Clock, refuse: RefuseAnswer) {
    this.#upstream = upstream
    this.#connections = connections
    this.#clock = clock
    this.#refuse = refuse
  }

  async fetch(request: TokenRequest): Promise<FetchedToken> {
    let answer = await this.#get(request)
    if (request.login && NOT_BY_GET.has(answer.status)) {
      await answer.body.discard()
      answer = await this.#post(request)
    }
    if (answer.status !== 200) throw await this.#refuse.refuse(answer)
    const bytes = await answer.body.whole(MAX_BYTES)
    const told = jsonObject(bytes.toString('utf8'))
    const { token, access_token: accessToken, expires_in: life } = told
    const found = token ?? accessToken
    if (typeof found !== 'string' || !TOKEN.test(found)) {
      const message = 'has a token service that answers no token'
      throw new UpstreamError(this.#upstream, 'lying', message)
    }
    const seconds = typeof life === 'number' && Number.isFinite(life) ? life : USUAL_LIFE
    const kept = Math.min(Math.max(seconds, SHORTEST_LIFE), LONGEST_LIFE)
    return { token: found, expiresAt: this.#clock.now() + kept * 1000 }
  }

  #get({ realm, service, scope, login }: TokenRequest): Promise<Answer> {
    const url = new URL(realm)
    if (service !== undefined) url.searchParams.set('service', service)
    url.searchParams.set('scope', scope)
    const headers = {
      accept: 'application/json',
      ...(login && { authorization: basic(login.user, login.password) }),
    }
    return this.#connections.send({ method: 'GET', url, headers })
  }

  #post({ realm, service, scope, login }: TokenRequest): Promise<Answer> {
    const body = new URLSearchParams({
      grant_type: 'password',
      client_id: 'sluice',
      ...(service !== undefined && { service }),
      scope,
      ...(login && { username: login.user, password: login.password }),
    }).toString()
    const headers = {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    }
    return this.#connections.send({ method: 'POST', url: realm, headers, body })
  }
}

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
