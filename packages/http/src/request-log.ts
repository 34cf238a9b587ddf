/**
 * What the log says of one request, in the words of OpenShift's registry. The door makes it and ends it; what serves the
 * request fills in who asks for what. Nothing of headers, queries and bodies that may be secret comes here.
 */
import { randomUUID } from 'node:crypto'
import type { RegistryError } from '@sluice/core/errors'
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { Log, LogFields } from '@sluice/core/ports/log'
import { challengeOf } from './challenge.ts'
import type { DoorBindings } from './door-bindings.ts'
import { goDuration } from './go-duration.ts'
import { loggedUri } from './logged-uri.ts'
import { responseFacts } from './response-facts.ts'
import type { RouteName, Target } from './route-table.ts'

/** How distribution calls what a path ends with. */
const ARGUMENTS: Partial<Record<RouteName, string>> = {
  manifests: 'vars.reference',
  blobs: 'vars.digest',
  referrers: 'vars.digest',
  upload: 'vars.uuid',
}

const MAX_HEADER_CHARACTERS = 512

export interface RequestLogOptions {
  readonly log: Log
  /** False: no line for each request and its right, only for what goes wrong. */
  readonly access: boolean
}

export class RequestLog {
  readonly #options: RequestLogOptions
  readonly #request: Request
  readonly #door: DoorBindings
  readonly #began = performance.now()
  #id: string | undefined
  #identity: Identity | undefined
  #target: ({ readonly route: RouteName } & Target) | undefined

  constructor(options: RequestLogOptions, request: Request, door: DoorBindings) {
    this.#options = options
    this.#request = request
    this.#door = door
  }

  /** The same in all lines of the request, and in the answer where it fails. */
  get id(): string {
    return (this.#id ??= randomUUID())
  }

  /** Whose credentials are good. */
  known(identity: Identity): void {
    this.#identity = identity
  }

  asks(target: { readonly route: RouteName } & Target): void {
    this.#target = target
  }

  authorized(): void {
    if (this.#options.access) this.#options.log.info('authorized request', this.#aboutRequest())
  }

  /** `status`: that of the answer. What is missing is no error of a client that asks whether it is there. */
  refused(error: RegistryError, status: number): void {
    const { code, message, details } = error
    const fields = this.#aboutRequest()
    const { log } = this.#options
    if (status === 401) {
      const told = { ...fields, 'err.detail': text(details) }
      log.warn(`error authorizing context: ${problemOf(error)}`, told)
      return
    }
    const told = {
      'err.code': code.toLowerCase().replaceAll('_', ' '),
      'err.detail': text(details),
      'err.message': message,
      ...fields,
      'http.response.status': status,
    }
    const absence = status === 404 && this.#method === 'HEAD'
    log[absence ? 'info' : 'error']('response completed with error', told)
  }

  brokeOff(thrown: unknown): void {
    this.#options.log.error('a response broke off', this.#aboutRequest(), thrown)
  }

  /** `written`: bytes of the body, where the door counted them itself. */
  end(response: Response, written?: number): void {
    if (!this.#options.access) return
    const { headers } = this.#request
    const { status, contentType, length } = responseFacts(response)
    this.#options.log.info('response', {
      'http.request.contenttype': header(headers, 'content-type'),
      'http.request.host': header(headers, 'host'),
      'http.request.id': this.id,
      'http.request.method': this.#method,
      'http.request.referer': referer(headers),
      'http.request.remoteaddr': this.#door.remoteAddress,
      'http.request.uri': this.#uri,
      'http.request.useragent': header(headers, 'user-agent'),
      'http.response.contenttype': contentType,
      'http.response.duration': goDuration(performance.now() - this.#began),
      'http.response.status': status,
      'http.response.written': this.#method === 'HEAD' ? 0 : (written ?? length),
      'openshift.auth.user': this.#identity?.user,
    })
  }

  get #method(): string {
    return this.#door.recomputesLength ? 'HEAD' : this.#request.method
  }

  get #uri(): string {
    const { url } = this.#request
    return loggedUri(url.slice(url.indexOf('/', 'https://'.length)))
  }

  #aboutRequest(): LogFields {
    const target = this.#target
    const argument = target && ARGUMENTS[target.route]
    return {
      'http.request.id': this.id,
      'http.request.method': this.#method,
      'http.request.uri': this.#uri,
      'openshift.auth.user': this.#identity?.user,
      'openshift.auth.userid': this.#identity?.uid,
      ...(target && target.name !== '' && { 'vars.name': target.name }),
      ...(argument !== undefined && { [argument]: target?.argument }),
    }
  }
}

/** As the challenge of a 401 says it, in the words of distribution. */
function problemOf(error: RegistryError): string {
  const problem = /error="([^"]+)"/.exec(challengeOf(error) ?? '')?.[1]
  return problem?.replaceAll('_', ' ') ?? 'authorization token required'
}

const text = (details: readonly unknown[]): string =>
  details.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('; ')

function header(headers: Headers, name: string): string | undefined {
  return headers.get(name)?.slice(0, MAX_HEADER_CHARACTERS) || undefined
}

/** Where a link was; neither its query nor a password in it. */
function referer(headers: Headers): string | undefined {
  const text = headers.get('referer')
  const url = text === null ? null : URL.parse(text)
  return url ? `${url.origin}${url.pathname}`.slice(0, MAX_HEADER_CHARACTERS) : undefined
}
