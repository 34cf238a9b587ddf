/** The admin API of one registry, as one user. */
import { readFileSync } from 'node:fs'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { CommandError } from './command-error.ts'
import { impersonation, type Actor } from './impersonation.ts'

export interface Server {
  readonly server: string
  readonly certificateAuthority?: string
  readonly insecure?: boolean
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export interface ApiObject {
  readonly kind?: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly [field: string]: unknown
  }
  readonly items?: readonly ApiObject[]
  readonly [field: string]: unknown
}

const WITHIN_MS = 60_000

export class ApiClient {
  readonly #server: Server
  readonly #authorize: () => Promise<string | undefined>
  readonly #impersonate: Actor | undefined

  /** `authorize`: answers the whole header, asked for before each request; `as`: for whom to act. */
  constructor(
    server: Server,
    authorize: () => Promise<string | undefined> = async () => undefined,
    as?: Actor,
  ) {
    this.#server = server
    this.#authorize = authorize
    this.#impersonate = as
  }

  /** Throws `CommandError` in the words of Kubernetes' clients for all but a 2xx. */
  async object(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiObject> {
    const answer = await this.ask(method, path, body, headers)
    let object: ApiObject & { readonly reason?: string; readonly message?: string }
    try {
      object = JSON.parse(answer.text) as typeof object
    } catch {
      throw new CommandError(
        `error: ${this.#server.server} answers ${answer.status}, which is none of a registry`,
      )
    }
    if (answer.status < 300) return object
    if (answer.status === 401)
      throw new CommandError('error: You must be logged in to the server (Unauthorized)')
    throw new CommandError(
      `Error from server (${object.reason ?? answer.status}): ${object.message ?? answer.text}`,
    )
  }

  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer> {
    const { server, certificateAuthority, insecure } = this.#server
    const url = new URL(path, server)
    const authorization = await this.#authorize()
    const text = body === undefined ? undefined : JSON.stringify(body)
    const options = {
      method,
      headers: {
        Accept: 'application/json',
        ...(authorization === undefined ? {} : { Authorization: authorization }),
        ...impersonation(this.#impersonate),
        ...(text === undefined
          ? {}
          : {
              'Content-Type': 'application/json',
              'Content-Length': String(Buffer.byteLength(text)),
            }),
        ...headers,
      },
      signal: AbortSignal.timeout(WITHIN_MS),
      ...(certificateAuthority === undefined ? {} : { ca: readCertificates(certificateAuthority) }),
      ...(insecure ? { rejectUnauthorized: false } : {}),
    }
    return new Promise((resolve, reject) => {
      const lost = (cause: Error): void =>
        reject(
          new CommandError(`error: ${url.origin} cannot be reached: ${cause.message}`, { cause }),
        )
      const asked = (url.protocol === 'https:' ? requestHttps : requestHttp)(
        url,
        options,
        (answer) => {
          let all = ''
          answer.setEncoding('utf8')
          answer.on('data', (chunk: string) => (all += chunk))
          answer.on('end', () =>
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: all }),
          )
          answer.on('error', lost)
        },
      )
      asked.on('error', lost)
      asked.end(text)
    })
  }
}

function readCertificates(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new CommandError(`error: the certificate authority ${file} cannot be read`, { cause })
  }
}
