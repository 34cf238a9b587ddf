/** The connections to one upstream, its token service and whatever it redirects to: one request, one answer, no redirect followed. */
import type { LookupFunction } from 'node:net'
import { UpstreamError } from '@sluice/core/ports/upstream'
import type { Dispatcher } from 'undici'
import { addressIn } from './address-in.ts'
import { ForbiddenAddressError } from './forbidden-address-error.ts'
import { headerOf, type Headers } from './header-of.ts'
import { openDispatcher, type Reach } from './open-dispatcher.ts'
import { isPublicAddress } from './public-address.ts'
import type { TransferLimits } from './transfer-limits.ts'
import { UpstreamBody } from './upstream-body.ts'

export interface Asked {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Pseudonyms of the registries through which the question comes, the last of them this one's. */
  readonly via?: readonly string[] | undefined
}

/** RFC 9110 section 7.6.3. */
const viaOf = (pseudonyms: readonly string[]): string =>
  pseudonyms.map((pseudonym) => `1.1 ${pseudonym}`).join(', ')

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: UpstreamBody
}

export interface ConnectionOptions {
  readonly upstream: string
  readonly settings: Reach
  readonly limits: TransferLimits
  /** Node's own resolver, or another. */
  readonly lookup: LookupFunction
  /** For the log: what a client is not told. Never holds a query, a token or a password. */
  readonly onProblem: (problem: string) => void
  /** Called with each answer of the upstream's `ratelimit-remaining`. */
  readonly onRemaining: (remaining: number) => void
}

/** Of errors and other bodies that nobody reads: what is longer costs the connection. */
const MAX_DISCARDED_BYTES = 64 * 1024

/** Codes of errors that mean the other side speaks no proper HTTP. */
const MALFORMED =
  /^(?:HPE_|HTTPParserError|UND_ERR_(?:HEADERS_OVERFLOW|RES_CONTENT_LENGTH_MISMATCH))/

/** Codes of a connection that ended before an answer. */
const BROKEN = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

class LateError extends Error {
  readonly code = 'ETIMEDOUT'
}

export class Connections {
  readonly #options: ConnectionOptions
  #dispatcher: Promise<Dispatcher> | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  /** Throws `UpstreamError`: `forbidden` where the settings do not let it be asked, `unreachable` where nothing answers. */
  async send(asked: Asked): Promise<Answer> {
    this.#checkAddress(asked.url)
    try {
      return await this.#request(asked)
    } catch (error) {
      // A connection that was kept may end just as it is used again; a server that was asked nothing has done nothing.
      if (asked.method !== 'POST' && BROKEN.has(codeOf(error))) return await this.#again(asked)
      throw this.#failure(asked.url, error)
    }
  }

  async #again(asked: Asked): Promise<Answer> {
    try {
      return await this.#request(asked)
    } catch (error) {
      throw this.#failure(asked.url, error)
    }
  }

  async #request({ method, url, headers, body, via = [] }: Asked): Promise<Answer> {
    const { upstream, limits } = this.#options
    const dispatcher = await (this.#dispatcher ??= openDispatcher(this.#options))
    // Undici's own time-outs begin anew with the phases; this one ends a server that goes through them drop by drop.
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new LateError()), limits.connectMs + limits.headersMs)
    try {
      const answer = await dispatcher.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers: { 'user-agent': 'sluice', ...(via.length > 0 && { via: viaOf(via) }), ...headers },
        signal: late.signal,
        ...(body !== undefined && { body }),
      })
      this.#noteRemaining(answer.headers)
      const failure = (error: unknown): UpstreamError => this.#failure(url, error)
      const options = { upstream, limits, failure, discarded: MAX_DISCARDED_BYTES }
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: new UpstreamBody(answer.body, options),
      }
    } finally {
      clearTimeout(timer)
    }
  }

  #checkAddress(url: URL): void {
    const { upstream, settings } = this.#options
    const secure = url.protocol === 'https:' || (settings.insecure && url.protocol === 'http:')
    if (!secure) throw new UpstreamError(upstream, 'forbidden', 'is asked over https only')
    const literal = addressIn(url.hostname)
    if (literal !== undefined && !settings.privateAddresses && !isPublicAddress(literal)) {
      throw this.#failure(url, new ForbiddenAddressError())
    }
  }

  #noteRemaining(headers: Headers): void {
    const remaining = /^\d{1,9}(?=;|$)/.exec(headerOf(headers, 'ratelimit-remaining') ?? '')
    if (remaining) this.#options.onRemaining(Number(remaining[0]))
  }

  #failure(url: URL, error: unknown): UpstreamError {
    if (error instanceof UpstreamError) return error
    const { upstream, onProblem } = this.#options
    const code = codeOf(error)
    onProblem(`upstream ${upstream}: ${url.host}: ${code}`)
    if (error instanceof ForbiddenAddressError) {
      return new UpstreamError(upstream, 'forbidden', 'is at an address that is not public')
    }
    if (MALFORMED.test(code)) return new UpstreamError(upstream, 'lying', 'sends no proper HTTP')
    return new UpstreamError(upstream, 'unreachable', `cannot be reached (${code})`)
  }
}

/** A code says what happened; messages say where, which is not for everybody. */
function codeOf(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown }
  const said = typeof code === 'string' ? code : name
  return typeof said === 'string' && /^\w{1,64}$/.test(said) ? said : 'unknown'
}
