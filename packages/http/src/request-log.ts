/**
 * What the log says of one request, in the words of OpenShift's registry. The door makes it and ends it; what serves the
 * request fills in who asks for what. Nothing of headers, queries and bodies that may be secret comes here.
 */
import type { RegistryError } from '@sluice/core/errors'
import { LimitError } from '@sluice/core/limits/limit-error'
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { Log, LogFields } from '@sluice/core/ports/log'
import type { AccessForms } from './access-forms.ts'
import { challengeOf } from './challenge.ts'
import type { DoorBindings, LoggedHeader } from './door-bindings.ts'
import { goDuration } from './go-duration.ts'
import { loggedUri } from './logged-uri.ts'
import { requestId } from './request-id.ts'
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
  /** Without: no line for each request and its right, only for what goes wrong. */
  readonly access: AccessForms | undefined
}

export class RequestLog {
  readonly #options: RequestLogOptions
  readonly #request: Request
  readonly #door: DoorBindings
  readonly #began: number
  #id: string | undefined
  #uri: string | undefined
  #identity: Identity | undefined
  #target: ({ readonly route: RouteName } & Target) | undefined

  /** `began`: of `performance`. */
  constructor(
    options: RequestLogOptions,
    request: Request,
    door: DoorBindings,
    began = performance.now(),
  ) {
    this.#options = options
    this.#request = request
    this.#door = door
    this.#began = began
  }

  /** The same in all lines of the request, and in the answer where it fails. */
  get id(): string {
    return (this.#id ??= requestId())
  }

  /** Whose credentials are good. */
  known(identity: Identity): void {
    this.#identity = identity
  }

  asks(target: { readonly route: RouteName } & Target): void {
    this.#target = target
  }

  authorized(): void {
    const target = this.#target
    const argument = target && ARGUMENTS[target.route]
    this.#options.access?.authorized.write([
      this.id,
      this.#method(),
      this.#loggedUri(),
      this.#identity?.user,
      this.#identity?.uid,
      target?.name || undefined,
      argument === 'vars.reference' ? target?.argument : undefined,
      argument === 'vars.digest' ? target?.argument : undefined,
      argument === 'vars.uuid' ? target?.argument : undefined,
    ])
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
      // Whoever set a limit looks for what OpenShift's registry logs of it.
      'err.detail': error instanceof LimitError ? error.told : text(details),
      'err.message': message,
      ...fields,
      'http.response.status': status,
    }
    const absence = status === 404 && this.#method() === 'HEAD'
    log[absence ? 'info' : 'error']('response completed with error', told)
  }

  brokeOff(thrown: unknown): void {
    this.#options.log.error('a response broke off', this.#aboutRequest(), thrown)
  }

  /** `written`: bytes of the body, where the door counted them itself. */
  end(response: Response, written?: number, now = performance.now()): void {
    const { access } = this.#options
    if (!access) return
    const { status, contentType, length } = responseFacts(response)
    const method = this.#method()
    access.response.write([
      this.#header('content-type'),
      this.#header('host'),
      this.id,
      method,
      this.#referer(),
      this.#door.remoteAddress,
      this.#loggedUri(),
      this.#header('user-agent'),
      contentType,
      goDuration(now - this.#began),
      status,
      method === 'HEAD' ? 0 : (written ?? length),
      this.#identity?.user,
    ])
  }

  #method(): string {
    return this.#door.recomputesLength ? 'HEAD' : this.#request.method
  }

  #loggedUri(): string {
    if (this.#uri === undefined) {
      const { url } = this.#request
      this.#uri = loggedUri(url.slice(url.indexOf('/', 'https://'.length)))
    }
    return this.#uri
  }

  /** Where a link was; neither its query nor a password in it. */
  #referer(): string | undefined {
    const text = this.#said('referer')
    const url = text ? URL.parse(text) : null
    return url ? `${url.origin}${url.pathname}`.slice(0, MAX_HEADER_CHARACTERS) : undefined
  }

  #header(name: LoggedHeader): string | undefined {
    const text = this.#said(name)
    return text && text.length > MAX_HEADER_CHARACTERS ? text.slice(0, MAX_HEADER_CHARACTERS) : text
  }

  #said(name: LoggedHeader): string | undefined {
    const door = this.#door
    return (door.header ? door.header(name) : this.#request.headers.get(name)) || undefined
  }

  #aboutRequest(): LogFields {
    const target = this.#target
    const argument = target && ARGUMENTS[target.route]
    return {
      'http.request.id': this.id,
      'http.request.method': this.#method(),
      'http.request.uri': this.#loggedUri(),
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
