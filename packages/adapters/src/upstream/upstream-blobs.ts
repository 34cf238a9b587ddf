/** Blobs of one of an upstream's addresses. */
import type { Digest } from '@sluice/core/digest'
import { headerOf } from './header-of.ts'
import { lengthOf } from './length-of.ts'
import { parseContentRange } from './parse-content-range.ts'
import type { Questions, Reply } from './questions.ts'
import type { UpstreamPath } from './upstream-path.ts'

/** An answer whose body holds the blob, or its end. */
export interface OpenBlob {
  readonly size: number
  /** The first byte of the body, counted in the blob. */
  readonly from: number
  readonly reply: Reply
}

const FIRST_BYTE = { range: 'bytes=0-0' }
const PARTIAL = [206, 416]
/** Of a HEAD: a URL that was signed for GET refuses it, some servers do not know it. */
const ASK_BY_GET = [400, 403, 405, 501]

export class UpstreamBlobs {
  readonly #questions: Questions
  readonly #path: UpstreamPath

  constructor(questions: Questions, path: UpstreamPath) {
    this.#questions = questions
    this.#path = path
  }

  async size(base: URL, repository: string, digest: Digest): Promise<number | undefined> {
    const question = { path: this.#path.blob(repository, digest), repository }
    const head = { ...question, method: 'HEAD', also: ASK_BY_GET } as const
    const reply = await this.#questions.ask(base, head)
    if (!reply) return undefined
    await reply.body.discard()
    const size = reply.status === 200 ? lengthOf(reply.headers) : undefined
    // Gateways give an answer to HEAD the length of the body that it has not.
    if (size) return size
    const get = { ...question, method: 'GET', headers: FIRST_BYTE, also: PARTIAL } as const
    const first = await this.#questions.ask(base, get)
    if (!first) return undefined
    await first.body.discard()
    const range = parseContentRange(headerOf(first.headers, 'content-range'))
    const found = first.status === 200 ? lengthOf(first.headers) : range?.size
    if (found === undefined) throw this.#questions.lie('does not say how large a blob is')
    return found
  }

  async open(
    base: URL,
    repository: string,
    digest: Digest,
    start: number,
  ): Promise<OpenBlob | undefined> {
    const reply = await this.#questions.ask(base, {
      method: 'GET',
      path: this.#path.blob(repository, digest),
      repository,
      ...(start > 0 && { headers: { range: `bytes=${start}-` }, also: PARTIAL }),
    })
    if (!reply) return undefined
    try {
      return reply.status === 200
        ? await this.#whole(base, repository, digest, reply)
        : this.#rest(reply, start)
    } catch (error) {
      reply.body.destroy()
      throw error
    }
  }

  /** Where the upstream sends whoever asks; 'here' where it does not. */
  async location(base: URL, repository: string, digest: Digest): Promise<URL | 'here' | undefined> {
    const reply = await this.#questions.ask(base, {
      method: 'GET',
      path: this.#path.blob(repository, digest),
      repository,
      headers: FIRST_BYTE,
      also: PARTIAL,
      stopsAtOthers: true,
    })
    if (!reply) return undefined
    await reply.body.discard()
    return reply.location ?? 'here'
  }

  async #whole(base: URL, repository: string, digest: Digest, reply: Reply): Promise<OpenBlob> {
    const size = lengthOf(reply.headers) ?? (await this.size(base, repository, digest))
    if (size === undefined) throw this.#questions.lie('does not say how large a blob is')
    return { size, from: 0, reply }
  }

  #rest(reply: Reply, start: number): OpenBlob {
    const range = parseContentRange(headerOf(reply.headers, 'content-range'))
    const isAtEnd = reply.status === 416 && range?.start === undefined && range?.size === start
    if (isAtEnd) return { size: start, from: start, reply }
    const isRest = reply.status === 206 && range?.start === start && range.end === range.size - 1
    const length = lengthOf(reply.headers)
    if (!range || !isRest || (length !== undefined && length !== range.size - start)) {
      throw this.#questions.lie('answers with other bytes than it was asked for')
    }
    return { size: range.size, from: start, reply }
  }
}
