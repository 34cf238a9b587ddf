/** One question to one of an upstream's addresses: with its authorization, through its redirects, to an answer that is one. */
import { setTimeout as sleep } from 'node:timers/promises'
import { UpstreamError } from '@sluice/core/ports/upstream'
import { jsonObject } from '../shared/json-object.ts'
import type { Authorization, Authorizations } from './authorizations.ts'
import type { Answer, Connections } from './connections.ts'
import { headerOf } from './header-of.ts'
import { isPage, mediaTypeOf } from './media-type-of.ts'
import type { RefuseAnswer } from './refuse-answer.ts'

export interface Question {
  readonly method: 'GET' | 'HEAD'
  /** With its query. */
  readonly path: string
  readonly repository: string
  readonly headers?: Readonly<Record<string, string>>
  /** Statuses besides 200 that are an answer. */
  readonly also?: readonly number[]
  /** A redirect to another host is the answer, not to be followed. */
  readonly stopsAtOthers?: boolean
}

export interface Reply extends Answer {
  /** Where it came from. */
  readonly url: URL
  /** From another host than the upstream, after a redirect. */
  readonly isElsewhere: boolean
  /** Where a redirect leads that was not followed. */
  readonly location?: URL
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])
const MOST_REDIRECTS = 5
/** Without authorization, with a token that another process fetched long ago, with a new one. */
const MOST_TRIES = 3
const MAX_ERROR_BYTES = 128 * 1024
/** How long others wait for the first answer of an address. */
const MEETING_MS = 5000

export class Questions {
  readonly #upstream: string
  readonly #connections: Connections
  readonly #authorizations: Authorizations
  readonly #refuse: RefuseAnswer
  /** Origins that have answered. */
  readonly #met: Set<string>
  readonly #meetings: Map<string, Promise<void>>
  readonly #via: readonly string[] | undefined

  constructor(
    upstream: string,
    connections: Connections,
    authorizations: Authorizations,
    refuse: RefuseAnswer,
    {
      met = new Set<string>(),
      meetings = new Map<string, Promise<void>>(),
      via,
    }: {
      readonly met?: Set<string>
      readonly meetings?: Map<string, Promise<void>>
      readonly via?: readonly string[]
    } = {},
  ) {
    this.#upstream = upstream
    this.#connections = connections
    this.#authorizations = authorizations
    this.#refuse = refuse
    this.#met = met
    this.#meetings = meetings
    this.#via = via
  }

  /** The same, for one whose questions come through those registries. */
  through(via: readonly string[]): Questions {
    const shared = { met: this.#met, meetings: this.#meetings, via }
    return new Questions(
      this.#upstream,
      this.#connections,
      this.#authorizations,
      this.#refuse,
      shared,
    )
  }

  /** `undefined`: the upstream says that it is not there. Throws `UpstreamError` for all that is neither. */
  async ask(base: URL, question: Question): Promise<Reply | undefined> {
    const reply = await this.raw(base, question)
    if (reply.status === 404) {
      await this.#checkAbsence(reply)
      return undefined
    }
    await this.check(reply, question)
    return reply
  }

  /**
   * Whatever the status is, but for a 401 that can be answered. Of those who ask an address that has not answered yet, one
   * does: the others then know how it wants to be asked. A question that came through another registry may be what that
   * answer waits for, and waits for none.
   */
  async raw(base: URL, question: Question): Promise<Reply> {
    const { origin } = base
    if (this.#met.has(origin) || (this.#via?.length ?? 0) > 1) return this.#raw(base, question)
    const meeting = this.#meetings.get(origin)
    if (meeting) {
      await Promise.race([meeting, sleep(MEETING_MS, undefined, { ref: false })])
      return this.#raw(base, question)
    }
    const asked = this.#raw(base, question)
    const met = asked.then(
      () => void this.#met.add(origin),
      () => undefined,
    )
    this.#meetings.set(origin, met)
    void met.finally(() => this.#meetings.delete(origin))
    return asked
  }

  async #raw(base: URL, question: Question): Promise<Reply> {
    let used = await this.#authorizations.next(base, question.repository)
    for (let tries = 1; ; tries++) {
      const reply = await this.#follow(base, question, used)
      if (reply.status !== 401 || reply.isElsewhere || tries === MOST_TRIES) return reply
      await reply.body.discard()
      const asked = headerOf(reply.headers, 'www-authenticate')
      used = await this.#authorizations.renew(base, question.repository, asked, used)
    }
  }

  /** Throws unless the reply is one of those that the question wants. */
  async check(reply: Reply, { also = [] }: Question): Promise<void> {
    const isWanted = reply.status === 200 || also.includes(reply.status)
    if (!isWanted && reply.location === undefined) throw await this.#refuse.refuse(reply)
    if (!isPage(reply.headers) || reply.location !== undefined) return
    reply.body.destroy()
    throw this.lie('answers with a page for people')
  }

  lie(what: string): UpstreamError {
    return new UpstreamError(this.#upstream, 'lying', what)
  }

  tooSlow(): UpstreamError {
    return new UpstreamError(this.#upstream, 'unreachable', 'answers too slowly')
  }

  async #follow(
    base: URL,
    { method, path, headers, stopsAtOthers }: Question,
    used: Authorization | undefined,
  ): Promise<Reply> {
    let url = new URL(path, base)
    // Once away never again at home: an address that another host chose gets no authorization.
    let isElsewhere = false
    for (let hops = 0; ; hops++) {
      const authorization = used && !isElsewhere ? { authorization: used.value } : undefined
      const asked = { method, url, headers: { ...headers, ...authorization }, via: this.#via }
      const answer = await this.#connections.send(asked)
      if (!REDIRECTS.has(answer.status)) return { ...answer, url, isElsewhere }
      await answer.body.discard()
      const next = this.#target(url, headerOf(answer.headers, 'location'))
      const leaves = next.origin !== base.origin
      if (leaves && stopsAtOthers) return { ...answer, url, isElsewhere, location: next }
      if (hops === MOST_REDIRECTS) throw this.lie('redirects without end')
      if (url.protocol === 'https:' && next.protocol !== 'https:') {
        throw new UpstreamError(this.#upstream, 'forbidden', 'redirects from https to http')
      }
      isElsewhere ||= leaves
      url = next
    }
  }

  #target(from: URL, location: string | undefined): URL {
    if (location === undefined || !URL.canParse(location, from.href))
      throw this.lie('redirects nowhere')
    return new URL(location, from)
  }

  /** A store that it redirects to may have lost what the upstream says it has; only words of a registry say more. */
  async #checkAbsence(reply: Reply): Promise<void> {
    if (isPage(reply.headers)) {
      await reply.body.discard()
      throw this.lie('answers with a page for people')
    }
    const isSaid = !reply.isElsewhere || mediaTypeOf(reply.headers) === 'application/json'
    await reply.body.discard()
    if (!isSaid) throw this.lie('redirects to where nothing is')
  }

  /** A JSON object. Throws `UpstreamError`: `lying` for all else. */
  async object(reply: Reply, most: number): Promise<JsonObject> {
    return this.parse(await this.bytes(reply, most))
  }

  /** The codes of an error that a registry words; none where it does not. */
  async codes(reply: Reply): Promise<readonly unknown[]> {
    const bytes = await this.bytes(reply, MAX_ERROR_BYTES)
    const { errors } = jsonObject(bytes.toString('utf8'))
    return Array.isArray(errors)
      ? errors.map((error) => (error as JsonObject | null)?.['code'])
      : []
  }

  async bytes({ headers, body }: Reply, most: number): Promise<Buffer> {
    const encoding = headerOf(headers, 'content-encoding') ?? 'identity'
    if (encoding === 'identity') return body.whole(most)
    body.destroy()
    throw this.lie('sends what it was not asked for (Content-Encoding)')
  }

  parse(bytes: Buffer): JsonObject {
    try {
      const found: unknown = JSON.parse(bytes.toString('utf8'))
      if (typeof found === 'object' && found !== null && !Array.isArray(found)) {
        return found as JsonObject
      }
    } catch {
      // Said below, in the same words.
    }
    throw this.lie('answers with no JSON object')
  }
}

export type JsonObject = Readonly<Record<string, unknown>>
