/** Paths at an upstream, of parts that hold nothing that a path or a header could be broken out of with. */
import type { Digest } from '@sluice/core/digest'
import { UpstreamError } from '@sluice/core/ports/upstream'
import type { Reference } from '@sluice/core/reference'

/** The specification's grammar of names. One component is enough: the upstream's names are not ours. */
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`)
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/
const DIGEST = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/
const MOST = 255

export class UpstreamPath {
  readonly #upstream: string

  /** `upstream`: the name that errors bear. */
  constructor(upstream: string) {
    this.#upstream = upstream
  }

  manifest(repository: string, reference: Reference): string {
    if ('tag' in reference) return this.tagged(repository, reference.tag)
    return `${this.#repository(repository)}/manifests/${this.#digest(reference.digest)}`
  }

  tagged(repository: string, tag: string): string {
    if (!TAG.test(tag)) throw this.#refuse('that name of a tag')
    return `${this.#repository(repository)}/manifests/${tag}`
  }

  blob(repository: string, digest: Digest): string {
    return `${this.#repository(repository)}/blobs/${this.#digest(digest)}`
  }

  tags(repository: string): string {
    return `${this.#repository(repository)}/tags/list`
  }

  referrers(repository: string, subject: Digest): string {
    return `${this.#repository(repository)}/referrers/${this.#digest(subject)}`
  }

  #repository(name: string): string {
    if (name.length > MOST || !REPOSITORY.test(name))
      throw this.#refuse('that name of a repository')
    return `/v2/${name}`
  }

  #digest(digest: string): string {
    if (!DIGEST.test(digest)) throw this.#refuse('that digest')
    return digest
  }

  #refuse(what: string): UpstreamError {
    return new UpstreamError(this.#upstream, 'forbidden', `is not asked for ${what}`)
  }
}

export const isTag = (text: unknown): text is string => typeof text === 'string' && TAG.test(text)
export const isDigest = (text: unknown): text is Digest =>
  typeof text === 'string' && DIGEST.test(text)
