/**
 * Manifests of a project that caches an upstream. By digest they are for ever; a tag is believed for as long as its
 * upstream's settings say, then asked for again. What is here is served whenever the upstream cannot be asked.
 */
import { BoundedMap } from '../bounded-map.ts'
import { algorithmOf, digestOf, type Digest } from '../digest.ts'
import { RegistryError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import { UpstreamError, type UpstreamManifest } from '../ports/upstream.ts'
import type { Reference, Tag } from '../reference.ts'
import type { RepositoryName } from '../repository-name.ts'
import { tagAge } from '../upstream/tag-age.ts'
import type { CachedTag } from '../records/tag-record.ts'
import { refuseDenied, remoteName, type Cache } from './caches.ts'
import type { CachedTags } from './cached-tags.ts'
import type { Leases } from './leases.ts'
import type { Manifests, StoredManifest } from './manifests.ts'
import type { Stale } from './stale.ts'

const MOST_UNKNOWN = 10_000
/** How long a client that could have an old answer waits for a new one. */
const PATIENCE_MS = 3_000

/** A manifest as a reader gets it; `stale` where its tag could not be asked for, and why. */
export interface PulledManifest extends StoredManifest {
  readonly stale?: Stale
}

export class CachedManifests {
  readonly #manifests: Manifests
  readonly #tags: CachedTags
  readonly #leases: Leases
  readonly #clock: Clock
  /** What the upstream does not have, or refuses, and until when that is believed. */
  readonly #refused = new BoundedMap<string, { readonly error: Error; readonly until: number }>(
    MOST_UNKNOWN,
  )

  constructor(manifests: Manifests, tags: CachedTags, leases: Leases, clock: Clock) {
    this.#manifests = manifests
    this.#tags = tags
    this.#leases = leases
    this.#clock = clock
  }

  /** `held`: what is here, which is no longer to be believed if it was found by a tag. */
  async find(
    cache: Cache,
    repository: RepositoryName,
    reference: Reference,
    held: StoredManifest | undefined,
  ): Promise<PulledManifest> {
    refuseDenied(cache, remoteName(cache, repository))
    if ('digest' in reference) return held ?? this.#byDigest(cache, repository, reference.digest)
    const { tag } = reference
    if (!held?.tag?.cached) return this.refresh(cache, repository, tag)
    const { checkedAt, freshUntil } = held.tag.cached
    const stale = (reason: string): PulledManifest => {
      const age = Math.max(0, Math.floor((this.#clock.now() - checkedAt) / 1000))
      return { ...held, stale: { age, reason } }
    }
    const asked = this.refresh(cache, repository, tag)
    const tooOld = freshUntil + cache.settings.staleIfError * 1000 < this.#clock.now()
    if (tooOld) return asked
    if (cache.settings.revalidate === 'behind' || cache.circuit.slow) {
      void asked.catch(() => undefined)
      return stale('it is being asked for anew')
    }
    const patience = new Promise<undefined>((resolve) => {
      setTimeout(() => resolve(undefined), PATIENCE_MS).unref()
    })
    try {
      const answer = await Promise.race([asked, patience])
      if (answer) return answer
      void asked.catch(() => undefined)
      cache.circuit.isSlow()
      return stale(`upstream ${cache.name} did not answer in time`)
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      return stale(error.message)
    }
  }

  /** Asks the upstream what the tag names, and gets that. Of all who ask at once, one does. */
  async refresh(cache: Cache, repository: RepositoryName, tag: Tag): Promise<StoredManifest> {
    const began = this.#clock.now()
    const look = async () => {
      const found = await this.#manifests.look(repository, { tag })
      return found && (found.tag?.cached?.checkedAt ?? 0) >= began ? found : undefined
    }
    return this.#leases.alone(`tag#${repository}#${tag}`, look, async () => {
      const held = await this.#manifests.look(repository, { tag })
      return held
        ? this.#revalidate(cache, repository, tag, held)
        : this.#fetchTag(cache, repository, tag)
    })
  }

  /** The same, whatever it was believed not to have. */
  askAnew(cache: Cache, repository: RepositoryName, tag: Tag): Promise<StoredManifest> {
    refuseDenied(cache, remoteName(cache, repository))
    this.#refused.delete(refusalKey(repository, { tag }))
    return this.refresh(cache, repository, tag)
  }

  async #byDigest(
    cache: Cache,
    repository: RepositoryName,
    digest: Digest,
  ): Promise<StoredManifest> {
    const look = () => this.#manifests.look(repository, { digest })
    return this.#leases.alone(`manifest#${repository}#${digest}`, look, () =>
      this.#fetch(cache, repository, digest, []),
    )
  }

  async #fetchTag(cache: Cache, repository: RepositoryName, tag: Tag): Promise<StoredManifest> {
    const manifest = await this.#manifest(cache, repository, { tag })
    const digest = digestOf('sha256', manifest.bytes)
    return this.#put(cache, repository, digest, manifest, [tag])
  }

  async #fetch(
    cache: Cache,
    repository: RepositoryName,
    digest: Digest,
    tags: readonly Tag[],
  ): Promise<StoredManifest> {
    const manifest = await this.#manifest(cache, repository, { digest })
    if (digestOf(algorithmOf(digest), manifest.bytes) === digest) {
      return this.#put(cache, repository, digest, manifest, tags)
    }
    throw new UpstreamError(cache.name, 'lying', `sent another manifest than ${digest}`)
  }

  async #manifest(
    cache: Cache,
    repository: RepositoryName,
    reference: Reference,
  ): Promise<UpstreamManifest> {
    const remote = remoteName(cache, repository)
    return this.#remembering(cache, repository, reference, () =>
      cache.circuit.ask(() => cache.upstream.manifest(remote, reference)),
    )
  }

  async #revalidate(
    cache: Cache,
    repository: RepositoryName,
    tag: Tag,
    held: StoredManifest,
  ): Promise<StoredManifest> {
    const remote = remoteName(cache, repository)
    try {
      const { digest } = await this.#remembering(cache, repository, { tag }, () =>
        cache.circuit.ask(() => cache.upstream.resolve(remote, { tag })),
      )
      const check = this.#check(cache, tag)
      if (digest === held.digest) return this.#tags.confirm(repository, tag, held, check)
      const tooNew = this.#tooNew(cache, held, digest)
      if (tooNew) return this.#tags.confirm(repository, tag, held, { ...check, next: tooNew })
      const there = await this.#manifests.look(repository, { digest })
      if (!there) return this.#fetch(cache, repository, digest, [tag])
      const bytes = await this.#manifests.body(there.record)
      const { mediaType } = there.record
      return this.#put(cache, repository, digest, { bytes, mediaType }, [tag])
    } catch (error) {
      const gone = error instanceof RegistryError && error.code === 'MANIFEST_UNKNOWN'
      if (gone) await this.#tags.remove(repository, tag, held.digest)
      throw error
    }
  }

  /** What a tag names now, if that was first seen too short a time ago to be served. */
  #tooNew({ settings }: Cache, held: StoredManifest, digest: Digest): CachedTag['next'] {
    const next = held.tag?.cached?.next
    const now = this.#clock.now()
    const seenAt = next?.digest === digest ? next.seenAt : now
    return now - seenAt < settings.minimumTagAge * 1000 ? { digest, seenAt } : undefined
  }

  async #put(
    cache: Cache,
    repository: RepositoryName,
    digest: Digest,
    { bytes, mediaType }: UpstreamManifest,
    tags: readonly Tag[],
  ): Promise<StoredManifest> {
    const [tag] = tags
    const cached = tag === undefined ? { checkedAt: 0, freshUntil: 0 } : this.#check(cache, tag)
    await this.#manifests
      .put(repository, {
        bytes,
        contentType: mediaType,
        digest,
        tags,
        cached: { ...cached, next: undefined },
      })
      .catch((error: unknown) => {
        if (!(error instanceof RegistryError) || error.code !== 'MANIFEST_INVALID') throw error
        const said = `sent a manifest that cannot be kept: ${String(error.details[0])}`
        throw new UpstreamError(cache.name, 'lying', said, { cause: error })
      })
    return this.#manifests.find(repository, tag === undefined ? { digest } : { tag })
  }

  #check({ settings }: Cache, tag: Tag): CachedTag {
    const checkedAt = this.#clock.now()
    const freshUntil = checkedAt + tagAge(settings, tag) * 1000
    return { checkedAt, freshUntil, next: undefined }
  }

  /** Asks; what the upstream does not have or refuses is remembered for a while, and failing to answer never is. */
  async #remembering<T>(
    { name, settings }: Cache,
    repository: RepositoryName,
    reference: Reference,
    ask: () => Promise<T | undefined>,
  ): Promise<T> {
    const key = refusalKey(repository, reference)
    const known = this.#refused.get(key)
    if (known && known.until > this.#clock.now()) throw known.error
    const { tag, digest, refused } = settings.negativeAges
    const remember = (error: Error, seconds: number): Error => {
      this.#refused.set(key, { error, until: this.#clock.now() + seconds * 1000 })
      return error
    }
    const answer = await ask().catch((error: unknown) => {
      if (error instanceof UpstreamError && error.reason === 'refusing') remember(error, refused)
      throw error
    })
    if (answer !== undefined) return answer
    const detail = `upstream ${name} has no such ${named(reference)}`
    const unknown = new RegistryError('MANIFEST_UNKNOWN', detail)
    throw remember(unknown, 'tag' in reference ? tag : digest)
  }
}

const named = (reference: Reference): string =>
  'tag' in reference ? `tag ${reference.tag}` : `manifest ${reference.digest}`

const refusalKey = (repository: RepositoryName, reference: Reference): string =>
  `${repository} ${named(reference)}`
