/** The admin API of one registry, as one user. */
import { readFileSync } from 'node:fs'
import { request as requestHttp, type IncomingMessage } from 'node:http'
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
    let object: ApiObject
    try {
      object = JSON.parse(answer.text) as ApiObject
    } catch {
      throw new CommandError(
        `error: ${this.#server.server} answers ${answer.status}, which is none of a registry`,
      )
    }
    if (answer.status < 300) return object
    throw refusal(answer.status, answer.text)
  }

  /** A text as it comes, line by line, however long it takes. Throws as `object` does for all but a 2xx. */
  async lines(path: string, take: (line: string) => void): Promise<void> {
    const answer = await this.#open('GET', path, undefined, {})
    if (answer.statusCode !== 200) {
      throw refusal(answer.statusCode ?? 0, await wholeOf(answer))
    }
    let begun = ''
    try {
      for await (const text of answer.setEncoding('utf8') as AsyncIterable<string>) {
        const lines = (begun + text).split('\n')
        begun = lines.pop() ?? ''
        for (const line of lines) take(line)
      }
    } catch (cause) {
      throw this.#lost(cause)
    }
    if (begun !== '') take(begun)
  }

  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer> {
    const signal = AbortSignal.timeout(WITHIN_MS)
    const answer = await this.#open(method, path, body, headers, signal)
    try {
      const text = await wholeOf(answer)
      return { status: answer.statusCode ?? 0, headers: answer.headers, text }
    } catch (cause) {
      throw this.#lost(cause)
    }
  }

  #lost(cause: unknown): CommandError {
    const { origin } = new URL(this.#server.server)
    const why = cause instanceof Error ? cause.message : String(cause)
    return new CommandError(`error: ${origin} cannot be reached: ${why}`, { cause })
  }

  async #open(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
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
      ...(signal && { signal }),
      ...(certificateAuthority === undefined ? {} : { ca: readCertificates(certificateAuthority) }),
      ...(insecure ? { rejectUnauthorized: false } : {}),
    }
    return new Promise((resolve, reject) => {
      const asked = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, resolve)
      asked.on('error', (cause) => reject(this.#lost(cause)))
      asked.end(text)
    })
  }
}

async function wholeOf(answer: IncomingMessage): Promise<string> {
  let all = ''
  for await (const text of answer.setEncoding('utf8') as AsyncIterable<string>) all += text
  return all
}

/** In the words of Kubernetes' clients. */
function refusal(status: number, text: string): CommandError {
  if (status === 401)
    return new CommandError('error: You must be logged in to the server (Unauthorized)')
  let told: { readonly reason?: string; readonly message?: string } = {}
  try {
    told = JSON.parse(text) as typeof told
  } catch {
    // It is none of Kubernetes' answers.
  }
  return new CommandError(`Error from server (${told.reason ?? status}): ${told.message ?? text}`)
}

function readCertificates(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new CommandError(`error: the certificate authority ${file} cannot be read`, { cause })
  }
}
