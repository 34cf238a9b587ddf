/** Tags and referrers of a project that caches an upstream: the upstream's and those that are here, each once. */
import { parseDigest, type Digest } from '../digest.ts'
import { RegistryError } from '../errors.ts'
import { isMediaType } from '../media-type.ts'
import { parseTag, type Tag } from '../reference.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { Cache } from './caches.ts'
import type { Descriptor, ReferrerPage, Referrers } from './referrers.ts'
import type { Stale } from './stale.ts'
import type { TagPage, Tags } from './tags.ts'
import type { UpstreamList, UpstreamLists } from './upstream-lists.ts'

export class CachedLists {
  readonly #tags: Tags
  readonly #referrers: Referrers
  readonly #upstream: UpstreamLists

  constructor(tags: Tags, referrers: Referrers, upstream: UpstreamLists) {
    this.#tags = tags
    this.#referrers = referrers
    this.#upstream = upstream
  }

  async tags(
    cache: Cache,
    repository: RepositoryName,
    limit: number,
    last: string | undefined,
  ): Promise<TagPage> {
    const list = await this.#upstream.tags(cache, repository)
    const { entries, failure } = list
    const here = await this.#tags.look(repository, Infinity)
    if (!entries && here.tags.length === 0) {
      if (failure) throw failure
      throw new RegistryError('NAME_UNKNOWN', `upstream ${cache.name} has no such repository`)
    }
    const known = here.tags.map(({ tag }) => tag)
    const all = [...new Set([...(entries ?? []).filter(isTag), ...known])]
      .filter((tag) => last === undefined || tag > last)
      .toSorted(inAsciiOrder)
    return { tags: all.slice(0, limit), more: all.length > limit, ...staleIn(list) }
  }

  async referrers(
    cache: Cache,
    repository: RepositoryName,
    subject: Digest,
    page: { readonly limit: number; readonly last?: string; readonly artifactType?: string },
  ): Promise<ReferrerPage> {
    const list = await this.#upstream.referrers(cache, repository, subject)
    const { entries, failure } = list
    const { last, limit, artifactType } = page
    const here = await this.#referrers.list(repository, subject, { ...page, limit: Infinity })
    if (failure && !entries && here.descriptors.length === 0) throw failure
    const theirs = (entries ?? [])
      .flatMap(descriptorsIn)
      .filter((one) => artifactType === undefined || one.artifactType === artifactType)
    const byDigest = new Map([...here.descriptors, ...theirs].map((one) => [one.digest, one]))
    const all = [...byDigest.values()]
      .filter(({ digest }) => last === undefined || digest > last)
      .toSorted((one, other) => inAsciiOrder(one.digest, other.digest))
    const descriptors = all.slice(0, limit)
    const next = all.length > limit ? descriptors.at(-1)?.digest : undefined
    return { descriptors, next, ...staleIn(list) }
  }
}

const staleIn = ({ failure, age }: UpstreamList<unknown>): { readonly stale?: Stale } =>
  failure ? { stale: { age, reason: failure.message } } : {}

const inAsciiOrder = (one: string, other: string): number => (one < other ? -1 : 1)

function isTag(text: string): text is Tag {
  try {
    parseTag(text)
    return true
  } catch {
    return false
  }
}

/** What is no descriptor is left out; what a descriptor says besides is the upstream's word, and stays. */
function descriptorsIn(entry: unknown): readonly Descriptor[] {
  if (typeof entry !== 'object' || entry === null) return []
  const { mediaType, digest, size } = entry as { readonly [name: string]: unknown }
  if (typeof mediaType !== 'string' || !isMediaType(mediaType)) return []
  if (typeof digest !== 'string' || !Number.isSafeInteger(size)) return []
  try {
    parseDigest(digest)
  } catch {
    return []
  }
  return [entry as Descriptor]
}
