/** Lists of one of an upstream's addresses: of tags, and of what refers to a manifest; all their pages. */
import { MAX_MANIFEST_BYTES } from '@sluice/core/manifest'
import type { Digest } from '@sluice/core/digest'
import { headerOf } from './header-of.ts'
import { isPage } from './media-type-of.ts'
import { nextLink } from './next-link.ts'
import type { JsonObject, Questions, Reply } from './questions.ts'
import { isTag, type UpstreamPath } from './upstream-path.ts'

const PAGE = 1000
const MOST_PAGES = 1000
const MOST_TAGS = 200_000
const MOST_REFERRERS = 20_000
/** Of all pages of a list. Whoever pushes referrers chooses what is noted of them. */
const MOST_BYTES = 32 * 1024 * 1024
const ACCEPT = {
  accept: 'application/vnd.oci.image.index.v1+json, application/json;q=0.9, */*;q=0.1',
}
/** An upstream without the API of referrers, or something before it that knows no such path. */
const NO_API = new Set([404, 405])

export class UpstreamLists {
  readonly #questions: Questions
  readonly #path: UpstreamPath
  readonly #listMs: number

  /** `listMs`: milliseconds after which no further page is asked for. */
  constructor(questions: Questions, path: UpstreamPath, listMs: number) {
    this.#questions = questions
    this.#path = path
    this.#listMs = listMs
  }

  async tags(base: URL, repository: string): Promise<readonly string[] | undefined> {
    const path = this.#path.tags(repository)
    const first = { method: 'GET', path: `${path}?n=${PAGE}`, repository } as const
    const reply = await this.#questions.ask(base, first)
    const found = reply && (await this.#pages(base, repository, path, reply, 'tags', MOST_TAGS))
    // What is no tag could never be asked for.
    return found?.filter(isTag)
  }

  async referrers(
    base: URL,
    repository: string,
    subject: Digest,
  ): Promise<readonly unknown[] | undefined> {
    const path = this.#path.referrers(repository, subject)
    const question = { method: 'GET', path, repository, headers: ACCEPT } as const
    const reply = await this.#questions.raw(base, question)
    if (NO_API.has(reply.status)) {
      await reply.body.discard()
      return this.#bySchema(base, repository, subject)
    }
    await this.#questions.check(reply, question)
    return this.#pages(base, repository, path, reply, 'manifests', MOST_REFERRERS)
  }

  /** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema */
  async #bySchema(
    base: URL,
    repository: string,
    subject: Digest,
  ): Promise<readonly unknown[] | undefined> {
    const tag = subject.replace(':', '-').slice(0, 128)
    const path = this.#path.tagged(repository, tag)
    const question = { method: 'GET', path, repository, headers: ACCEPT } as const
    const reply = await this.#questions.raw(base, question)
    if (reply.status === 404 && !isPage(reply.headers)) {
      const codes = await this.#questions.codes(reply)
      return codes.includes('NAME_UNKNOWN') ? undefined : []
    }
    await this.#questions.check(reply, question)
    return this.#list(await this.#questions.object(reply, MAX_MANIFEST_BYTES), 'manifests')
  }

  async #pages(
    base: URL,
    repository: string,
    path: string,
    first: Reply,
    field: string,
    most: number,
  ): Promise<readonly unknown[]> {
    const found: unknown[] = []
    const seen = new Set<string>()
    const until = performance.now() + this.#listMs
    let size = 0
    for (let reply: Reply | undefined = first; reply;) {
      const { headers, url } = reply
      const bytes = await this.#questions.bytes(reply, MAX_MANIFEST_BYTES)
      size += bytes.byteLength
      const page = this.#list(this.#questions.parse(bytes), field)
      if (found.length + page.length > most || size > MOST_BYTES)
        throw this.#questions.lie('has a list without end')
      for (const one of page) found.push(one)
      const link = nextLink(headerOf(headers, 'link'))
      if (link === undefined) return found
      const next = URL.canParse(link, url.href) ? new URL(link, url) : undefined
      if (next?.origin !== base.origin || next.pathname !== path || seen.has(next.search)) {
        throw this.#questions.lie('has a next page that is none of this list')
      }
      seen.add(next.search)
      if (seen.size === MOST_PAGES) throw this.#questions.lie('has a list without end')
      if (performance.now() > until) throw this.#questions.tooSlow()
      const question = { method: 'GET', path: path + next.search, repository } as const
      reply = await this.#questions.ask(base, { ...question, headers: ACCEPT })
    }
    throw this.#questions.lie('has no next page where it says that there is one')
  }

  /** `null` is how Go writes an empty list. */
  #list(body: JsonObject, field: string): readonly unknown[] {
    const list = body[field]
    if (list === null) return []
    if (!Array.isArray(list)) throw this.#questions.lie(`answers with no list of ${field}`)
    return list
  }
}
