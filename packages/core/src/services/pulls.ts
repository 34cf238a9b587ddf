/**
 * What a reader sees of a repository, whether its project holds images of its own or caches an upstream. What is here and
 * fresh is answered by the same reads for both; only then is the project asked what it is.
 */
import type { Digest } from '../digest.ts'
import { RegistryError } from '../errors.ts'
import type { ByteRange } from '../ports/blob-store.ts'
import type { ImageCounts } from '../observed/image-counts.ts'
import type { Clock } from '../ports/clock.ts'
import { StorageError } from '../ports/storage-error.ts'
import { isStored, type StoredLink } from '../records/blob-record.ts'
import type { ImageSource } from '../records/image-source.ts'
import type { CachedTag } from '../records/tag-record.ts'
import type { Reference } from '../reference.ts'
import { projectOf, type RepositoryName } from '../repository-name.ts'
import type { BlobBytes, Blobs } from './blobs.ts'
import type { CachedBlobs } from './cached-blobs.ts'
import type { CachedManifests, PulledManifest } from './cached-manifests.ts'
import { keptAs, type Cache, type Caches } from './caches.ts'
import type { CachedLists } from './cached-lists.ts'
import type { Manifests, StoredManifest } from './manifests.ts'
import type { ReferrerPage, Referrers } from './referrers.ts'
import type { TagPage, Tags } from './tags.ts'

/** A pull is noted at most so often. */
const PULL_STEP_MS = 3_600_000

/** A project of its own. */
export interface Hosted {
  readonly manifests: Manifests
  readonly blobs: Blobs
  readonly tags: Tags
  readonly referrers: Referrers
}

/** A blob as a reader gets it. */
export interface PulledBlob {
  /** Bytes of the whole. */
  readonly size: number
  read(method: 'GET' | 'HEAD', range: ByteRange | undefined): Promise<BlobBytes>
}

export class Pulls {
  readonly #hosted: Hosted
  readonly #blobs: Blobs
  readonly #manifests: Manifests
  readonly #clock: Clock
  readonly #caches: Caches | undefined
  readonly #cachedManifests: CachedManifests
  readonly #cachedBlobs: CachedBlobs
  readonly #cachedLists: CachedLists
  readonly #counts: ImageCounts | undefined

  constructor(
    hosted: Hosted,
    clock: Clock,
    cached: {
      /** `undefined`: this door reads through nothing. */
      readonly caches: Caches | undefined
      readonly manifests: CachedManifests
      readonly blobs: CachedBlobs
      readonly lists: CachedLists
      readonly counts: ImageCounts | undefined
    },
  ) {
    this.#hosted = hosted
    this.#blobs = hosted.blobs
    this.#manifests = hosted.manifests
    this.#clock = clock
    this.#caches = cached.caches
    this.#cachedManifests = cached.manifests
    this.#cachedBlobs = cached.blobs
    this.#cachedLists = cached.lists
    this.#counts = cached.counts
  }

  /** `manifest`, at once: for one that is remembered, fresh, and not to be noted. */
  peek(repository: RepositoryName, reference: Reference): PulledManifest | undefined {
    const held = this.#manifests.peek(repository, reference)
    if (!held || !this.#isFresh(held) || this.#isToBeNoted(held)) return undefined
    this.#counts?.manifestIsHere(held, projectOf(repository))
    return held
  }

  /** `via`, here and below: the registries that the question came through (RFC 9110 section 7.6.3), by their pseudonyms. */
  async manifest(
    repository: RepositoryName,
    reference: Reference,
    via: readonly string[] = [],
  ): Promise<PulledManifest> {
    const held = await this.#manifests.look(repository, reference)
    if (held && this.#isFresh(held)) {
      if (this.#isToBeNoted(held)) await this.#note(repository, held)
      this.#counts?.manifestIsHere(held, projectOf(repository))
      return held
    }
    const from = held?.tag?.cached?.from ?? (await this.#importOf(repository, reference))
    let cache: Cache | undefined
    try {
      cache = await this.#cacheOf(repository, via, from)
    } catch (error) {
      if (held?.tag?.cached?.from && error instanceof RegistryError) {
        return this.#orphaned(held, held.tag.cached, error)
      }
      throw error
    }
    if (!cache) return held ?? this.#manifests.refuseUnknown(repository, reference)
    const kept = keptAs(cache, repository)
    if (kept !== repository) return this.manifest(kept, reference, via)
    const found = await this.#cachedManifests.find(cache, repository, reference, held)
    this.#counts?.request('manifest', found.stale ? 'stale' : 'miss', cache.name)
    if (this.#isToBeNoted(found)) await this.#note(repository, found)
    return found
  }

  /** Whoever asked for a manifest was given it, and not only word of it. */
  given(repository: RepositoryName): void {
    this.#counts?.pulled(projectOf(repository))
  }

  /** `keep`: for one who may push, whose next manifest may name it (`Blobs.keep`). */
  async blob(
    repository: RepositoryName,
    digest: Digest,
    { keep, via = [] }: { readonly keep: boolean; readonly via?: readonly string[] },
  ): Promise<PulledBlob> {
    const link = await this.#blobs.look(repository, digest)
    if (link && isStored(link)) {
      const kept = keep ? await this.#blobs.keep(repository, digest, link) : link
      this.#counts?.blobIsHere(projectOf(repository))
      return {
        size: kept.size,
        read: (method, range) => this.#readStored(repository, kept, method, range),
      }
    }
    const cache = await this.#cacheOf(repository, via, link?.from)
    if (!cache) throw new RegistryError('BLOB_UNKNOWN', `${repository} has no blob ${digest}`)
    const name = keptAs(cache, repository)
    if (name !== repository) return this.blob(name, digest, { keep, via })
    const blob = await this.#cachedBlobs.find(cache, repository, digest, link)
    this.#counts?.remoteBlob(link !== undefined)
    this.#counts?.request('blob', 'miss', cache.name)
    const whole = { start: 0, end: blob.size - 1 }
    return { size: blob.size, read: (method, range) => blob.read(method, range ?? whole) }
  }

  async tags(
    repository: RepositoryName,
    limit: number,
    last: string | undefined,
    via: readonly string[] = [],
  ): Promise<TagPage> {
    const cache = await this.#cacheOf(repository, via)
    if (!cache) return this.#hosted.tags.list(repository, limit, last)
    return this.#cachedLists.tags(cache, keptAs(cache, repository), limit, last)
  }

  async referrers(
    repository: RepositoryName,
    subject: Digest,
    page: { readonly limit: number; readonly last?: string; readonly artifactType?: string },
    via: readonly string[] = [],
  ): Promise<ReferrerPage> {
    const cache = await this.#cacheOf(repository, via)
    if (!cache) return this.#hosted.referrers.list(repository, subject, page)
    return this.#cachedLists.referrers(cache, keptAs(cache, repository), subject, page)
  }

  #readStored(
    repository: RepositoryName,
    link: StoredLink,
    method: 'GET' | 'HEAD',
    range: ByteRange | undefined,
  ): Promise<BlobBytes> {
    const bytes = range ? range.end - range.start + 1 : link.size
    if (method === 'GET') this.#counts?.blobIsRead(projectOf(repository), bytes)
    return this.#blobs.read(link, method, range)
  }

  async #cacheOf(
    repository: RepositoryName,
    via: readonly string[],
    from?: ImageSource,
  ): Promise<Cache | undefined> {
    const project = projectOf(repository)
    return from ? this.#caches?.imported(project, from, via) : this.#caches?.of(project, via)
  }

  /** What was imported is kept, whatever becomes of its upstream. */
  #orphaned(held: StoredManifest, { checkedAt }: CachedTag, error: RegistryError): PulledManifest {
    const age = Math.max(0, Math.floor((this.#clock.now() - checkedAt) / 1000))
    return { ...held, stale: { age, reason: String(error.details[0]) } }
  }

  /** Of a manifest that is not here, and that an imported index names. */
  async #importOf(
    repository: RepositoryName,
    reference: Reference,
  ): Promise<ImageSource | undefined> {
    if (!this.#caches || !('digest' in reference)) return undefined
    return this.#manifests.importedFrom(repository, reference.digest)
  }

  /** So that what nobody pulls is known to be so (`evictions.ts`), without a write for each pull. */
  #isToBeNoted({ record: { pulledAt } }: StoredManifest): boolean {
    return pulledAt !== undefined && this.#clock.now() - pulledAt >= PULL_STEP_MS
  }

  async #note(repository: RepositoryName, { digest }: StoredManifest): Promise<void> {
    try {
      await this.#manifests.pulled(repository, digest, this.#clock.now())
    } catch (error) {
      // Whoever reads shall not suffer from a disk that is full.
      if (!(error instanceof StorageError)) throw error
    }
  }

  #isFresh({ tag }: StoredManifest): boolean {
    return !tag?.cached || tag.cached.freshUntil > this.#clock.now()
  }
}
