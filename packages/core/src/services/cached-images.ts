/** What whoever keeps a cache asks of it: to look at a tag anew, to fetch an image beforehand, to forget one. */
import type { Digest } from '../digest.ts'
import { RegistryError } from '../errors.ts'
import type { Platform } from '../platform.ts'
import type { Reference, Tag } from '../reference.ts'
import { projectOf, type RepositoryName } from '../repository-name.ts'
import type { UpstreamSettings } from '../upstream/upstream-settings.ts'
import type { CachedManifests } from './cached-manifests.ts'
import { keptAs, type Cache, type Caches } from './caches.ts'
import type { Manifests } from './manifests.ts'
import type { ObjectCollection } from './object-collection.ts'
import type { Prefetch, Prefetched } from './prefetch.ts'
import type { Projects } from './projects.ts'
import type { Repositories } from './repositories.ts'
import type { Tags } from './tags.ts'

export interface Refreshed {
  /** What the tag named here before, if it was here. */
  readonly before: Digest | undefined
  /** What is served by it now. */
  readonly digest: Digest
  /** What the upstream says that it names, where that is too new to be served. */
  readonly next: Digest | undefined
}

export class CachedImages {
  readonly #caches: Caches | undefined
  readonly #cachedManifests: CachedManifests
  readonly #manifests: Manifests
  readonly #tags: Tags
  readonly #repositories: Repositories
  readonly #projects: Projects
  readonly #upstreams: ObjectCollection<UpstreamSettings>
  readonly #prefetch: Prefetch

  constructor(parts: {
    /** `undefined`: this door reads through nothing. */
    readonly caches: Caches | undefined
    readonly cachedManifests: CachedManifests
    readonly manifests: Manifests
    readonly tags: Tags
    readonly repositories: Repositories
    readonly projects: Projects
    readonly upstreams: ObjectCollection<UpstreamSettings>
    readonly prefetch: Prefetch
  }) {
    this.#caches = parts.caches
    this.#cachedManifests = parts.cachedManifests
    this.#manifests = parts.manifests
    this.#tags = parts.tags
    this.#repositories = parts.repositories
    this.#projects = parts.projects
    this.#upstreams = parts.upstreams
    this.#prefetch = parts.prefetch
  }

  /** Asks the upstream, however fresh the tag is here. Throws MANIFEST_UNKNOWN, or `UpstreamError`: then nothing has changed. */
  async refresh(repository: RepositoryName, tag: Tag): Promise<Refreshed> {
    const cache = await this.#cacheOf(repository)
    const kept = keptAs(cache, repository)
    const held = await this.#manifests.look(kept, { tag })
    const { digest, tag: now } = await this.#cachedManifests.askAnew(cache, kept, tag)
    return { before: held?.digest, digest, next: now?.cached?.next?.digest }
  }

  /** A step of it (`Prefetch.step`). */
  async prefetch(
    repository: RepositoryName,
    reference: Reference,
    platforms: readonly Platform[] | undefined,
    patience: AbortSignal,
  ): Promise<Prefetched> {
    const cache = await this.#cacheOf(repository)
    return this.#prefetch.step(cache, keptAs(cache, repository), reference, platforms, patience)
  }

  /**
   * Removes a tag alone, a manifest with its tags, or all of the repository, from here alone; also where the upstream itself is
   * known no more. False when `stop` ended it before its end. Refuses what is not here.
   */
  async purge(
    repository: RepositoryName,
    reference: Reference | undefined,
    stop: () => boolean,
  ): Promise<boolean> {
    const kept = await this.#keptAs(repository)
    if (!reference) return this.#repositories.remove(kept, stop)
    if ('tag' in reference) await this.#tags.remove(kept, reference.tag)
    else await this.#manifests.remove(kept, reference.digest)
    return true
  }

  async #cacheOf(repository: RepositoryName): Promise<Cache> {
    const project = projectOf(repository)
    const cache = await this.#caches?.of(project)
    if (cache) return cache
    throw new RegistryError('NAME_UNKNOWN', `project ${project} caches no upstream`)
  }

  async #keptAs(repository: RepositoryName): Promise<RepositoryName> {
    const project = projectOf(repository)
    const name = (await this.#projects.find(project))?.upstream
    if (name === undefined)
      throw new RegistryError('NAME_UNKNOWN', `project ${project} caches no upstream`)
    const upstream = await this.#upstreams.get(undefined, name)
    return upstream ? keptAs({ project, settings: upstream.content }, repository) : repository
  }
}
