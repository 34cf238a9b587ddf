/**
 * Tokens of Google for a service account, which signs what it asks with its key (RFC 7523):
 * https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests
 */
import type { Clock } from '@sluice/core/ports/clock'
import { UpstreamError } from '@sluice/core/ports/upstream'
import { importPKCS8, SignJWT } from 'jose'
import type { Connections } from './connections.ts'
import type { RefuseAnswer } from './refuse-answer.ts'
import { jsonObject } from '../shared/json-object.ts'
import { parseServiceAccountKey, type ServiceAccountKey } from './service-account-key.ts'
import type { FetchedToken } from './token-service.ts'

/** Of those that Artifact Registry takes, the one that can least. */
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform.read-only'
const ALGORITHM = 'RS256'
/** Seconds. */
const ASSERTION_LIFE = 300
const LONGEST_LIFE = 3600
const MAX_BYTES = 128 * 1024
const TOKEN = /^[\x21-\x7e]{1,8192}$/
/** What Google says of a key that is wrong, or was taken back. */
const REFUSALS = new Set([400, 401, 403])

export class GoogleTokens {
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

  /** `secret`: the key, as JSON. Throws `UpstreamError`. */
  async fetch(secret: string): Promise<FetchedToken> {
    const key = parseServiceAccountKey(secret)
    const assertion = key && (await this.#sign(key).catch(() => undefined))
    if (!key || assertion === undefined) {
      const message = 'cannot be logged in to: its secret is no key of a Google service account'
      throw new UpstreamError(this.#upstream, 'forbidden', message)
    }
    const answer = await this.#connections.send({
      method: 'POST',
      url: key.tokenUri,
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion,
      }).toString(),
    })
    if (REFUSALS.has(answer.status)) {
      await answer.body.discard()
      throw new UpstreamError(this.#upstream, 'refusing', 'gives this registry no login')
    }
    if (answer.status !== 200) throw await this.#refuse.refuse(answer)
    return this.#parse(await answer.body.whole(MAX_BYTES))
  }

  async #sign({ email, id, privateKey, tokenUri }: ServiceAccountKey): Promise<string> {
    const now = Math.floor(this.#clock.now() / 1000)
    return new SignJWT({ scope: SCOPE })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT', kid: id })
      .setIssuer(email)
      .setAudience(tokenUri.href)
      .setIssuedAt(now)
      .setExpirationTime(now + ASSERTION_LIFE)
      .sign(await importPKCS8(privateKey, ALGORITHM))
  }

  #parse(bytes: Buffer): FetchedToken {
    const { access_token: token, expires_in: life } = jsonObject(bytes.toString('utf8'))
    if (typeof token !== 'string' || !TOKEN.test(token) || typeof life !== 'number') {
      throw new UpstreamError(this.#upstream, 'lying', 'gives a login that is none')
    }
    return { token, expiresAt: this.#clock.now() + Math.min(life, LONGEST_LIFE) * 1000 }
  }
}
