/** The registry that is examined, as a client of it asks: with a token for the one repository that is written to. */
import type { Server } from '../api-client.ts'
import { Broken } from './examination.ts'
import { exchange, type Answer, type Body } from './exchange.ts'

export interface Question {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Body
}

export interface Challenge {
  readonly realm: string
  readonly service: string
}

export class Patient {
  readonly #server: Server
  /** `<project>/<name>`. */
  readonly repository: string
  readonly #login: () => Promise<string>

  /** `login`: the token that is the password. */
  constructor(server: Server, repository: string, login: () => Promise<string>) {
    this.#server = server
    this.repository = repository
    this.#login = login
  }

  get origin(): URL {
    return new URL(this.#server.server)
  }

  /** As a stranger. */
  ask(path: string | URL, { method = 'GET', ...rest }: Question = {}): Promise<Answer> {
    return exchange(this.#server, new URL(path, this.origin), { method, ...rest })
  }

  /** As whoever is logged in; each time with a token of its own, since they live for a minute. */
  async askAsUser(path: string | URL, question: Question = {}): Promise<Answer> {
    const authorization = `Bearer ${await this.token()}`
    return this.ask(path, {
      ...question,
      headers: { ...question.headers, Authorization: authorization },
    })
  }

  /** To the admin API, which takes the login itself. */
  async askApi(path: string, method: string): Promise<Answer> {
    return this.ask(path, { method, headers: { Authorization: `Bearer ${await this.#login()}` } })
  }

  async token(): Promise<string> {
    const { realm, service } = challengeIn(await this.ask('/v2/')) ?? {
      realm: new URL('/token', this.origin).href,
      service: 'sluice',
    }
    // A login is for the registry that it is of: whoever else is named gets none (the probe `realm` tells of him).
    const url = new URL(new URL(realm).pathname, this.origin)
    url.searchParams.set('service', service)
    url.searchParams.set('scope', `repository:${this.repository}:pull,push,delete`)
    const password = Buffer.from(`doctor:${await this.#login()}`).toString('base64')
    const answer = await this.ask(url, { headers: { Authorization: `Basic ${password}` } })
    const token: unknown = answer.status === 200 ? JSON.parse(answer.body.toString()) : undefined
    if (typeof token === 'object' && token !== null && 'token' in token) return String(token.token)
    throw new Broken(`${url.origin}${url.pathname} answers a login with ${answer.status}`)
  }
}

/** `undefined`: there is none that clients understand. */
export function challengeIn({ headers }: Answer): Challenge | undefined {
  const header = headers['www-authenticate'] ?? ''
  if (!/^Bearer /i.test(header)) return undefined
  const fields = new Map(
    [...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  )
  const realm = fields.get('realm')
  return realm !== undefined && URL.canParse(realm)
    ? { realm, service: fields.get('service') ?? '' }
    : undefined
}
