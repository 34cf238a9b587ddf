/**
 * Manifests of a project that caches an upstream. By digest they are for ever; a tag is believed for as long as its
 * upstream's settings say, then asked for again. What is here is served whenever the upstream cannot be asked.
 */
import { BoundedMap } from '../bounded-map.ts'
import { algorithmOf, digestOf, type Digest } from '../digest.ts'
import { RegistryError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import { StorageError } from '../ports/storage-error.ts'
import { UpstreamError, type UpstreamManifest } from '../ports/upstream.ts'
import type { Reference, Tag } from '../reference.ts'
import type { RepositoryName } from '../repository-name.ts'
import { tagAge } from '../upstream/tag-age.ts'
import type { TagSource } from '../records/image-source.ts'
import type { CachedTag } from '../records/tag-record.ts'
import { refuseDenied, remoteName, type Cache } from './caches.ts'
import type { CachedTags } from './cached-tags.ts'
import type { Leases } from './leases.ts'
import type { Manifests, StoredManifest } from './manifests.ts'
import type { Stale } from './stale.ts'

const MOST_UNKNOWN = 10_000
/** How long a client that could have an old answer waits for a new one. */
const PATIENCE_MS = 3_000

/** OpenShift's interval of scheduled imports. */
const SCHEDULE_SECONDS = 15 * 60

interface AskedTag {
  readonly tag: Tag
  readonly from: TagSource | undefined
}

const isUnknown = (error: unknown): boolean =>
  error instanceof RegistryError && error.code === 'MANIFEST_UNKNOWN'

const remoteTag = ({ tag, from }: AskedTag): Tag => from?.tag ?? tag

/** What a manifest without a tag has of one: where it is from. */
const untagged = ({ source }: Cache): CachedTag => ({
  checkedAt: 0,
  freshUntil: 0,
  next: undefined,
  from: source && { ...source, tag: '' as Tag, scheduled: false },
})

/** A manifest as a reader gets it; `stale` where its tag could not be asked for, and why. */
export interface PulledManifest extends StoredManifest {
  readonly stale?: Stale
}

export class CachedManifests {
  readonly #manifests: Manifests
  readonly #tags: CachedTags
  readonly #leases: Leases
  readonly #clock: Clock
  readonly #freezes: boolean
  /** What the upstream does not have, or refuses, and until when that is believed. */
  readonly #refused = new BoundedMap<string, { readonly error: Error; readonly until: number }>(
    MOST_UNKNOWN,
  )

  /** `freezes`: the door is frozen after its answer, so that nothing can go on behind that. */
  constructor(
    manifests: Manifests,
    tags: CachedTags,
    leases: Leases,
    clock: Clock,
    { freezes }: { readonly freezes: boolean },
  ) {
    this.#manifests = manifests
    this.#tags = tags
    this.#leases = leases
    this.#clock = clock
    this.#freezes = freezes
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
    if (cache.loop && !held?.tag?.cached) throw cache.loop
    if (!held?.tag?.cached) return this.#answer(cache, repository, { tag, from: undefined }, 1)
    const { checkedAt, freshUntil, from } = held.tag.cached
    const stale = (reason: string): PulledManifest => {
      const age = Math.max(0, Math.floor((this.#clock.now() - checkedAt) / 1000))
      return { ...held, stale: { age, reason } }
    }
    const tooOld = freshUntil + cache.settings.staleIfError * 1000 < this.#clock.now()
    if (cache.loop && tooOld) throw cache.loop
    if (cache.loop) return stale(cache.loop.message)
    const asked = this.#answer(cache, repository, { tag, from }, checkedAt + 1)
    if (tooOld) return asked
    const waits = cache.settings.revalidate !== 'behind' && !cache.circuit.slow
    if (!waits && !this.#freezes) {
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
      if (error instanceof UpstreamError) return stale(error.message)
      if (error instanceof StorageError) return stale('what is new cannot be stored now')
      // What was imported is kept, whatever its source does.
      if (from && isUnknown(error)) return stale(`upstream ${cache.name} no longer has it`)
      throw error
    }
  }

  /**
   * Asks the upstream what the tag names, and gets that. Of all who ask at once, one does. `from`: what an imported tag
   * follows.
   */
  async refresh(
    cache: Cache,
    repository: RepositoryName,
    tag: Tag,
    from?: TagSource,
  ): Promise<StoredManifest> {
    refuseDenied(cache, remoteName(cache, repository))
    return this.#answer(cache, repository, { tag, from }, this.#clock.now())
  }

  /** The upstream's answer, where nobody has had one since `since`: whoever read the table before that may come late. */
  #answer(
    cache: Cache,
    repository: RepositoryName,
    asked: AskedTag,
    since: number,
  ): Promise<StoredManifest> {
    const { tag, from } = asked
    const look = async () => {
      const found = await this.#manifests.look(repository, { tag })
      const isNew = found && (found.tag?.cached?.checkedAt ?? 0) >= since
      return isNew && follows(found, asked) ? found : undefined
    }
    const followed = from ? `#${from.upstream}/${from.repository}:${from.tag}` : ''
    return this.#alone(cache, `tag#${repository}#${tag}${followed}`, look, async () => {
      const held = await this.#manifests.look(repository, { tag })
      return held
        ? this.#revalidate(cache, repository, asked, held)
        : this.#fetchTag(cache, repository, asked)
    })
  }

  /** Has the tag name what was imported by its digest. */
  async importDigest(
    cache: Cache,
    repository: RepositoryName,
    digest: Digest,
    tag: Tag,
  ): Promise<StoredManifest> {
    refuseDenied(cache, remoteName(cache, repository))
    const from = cache.source && { ...cache.source, tag, scheduled: false }
    return this.#fetch(cache, repository, digest, { tag, from })
  }

  /** The same, whatever it was believed not to have. */
  askAnew(cache: Cache, repository: RepositoryName, tag: Tag): Promise<StoredManifest> {
    this.#refused.delete(refusalKey(cache, remoteName(cache, repository), { tag }))
    return this.refresh(cache, repository, tag)
  }

  async #byDigest(
    cache: Cache,
    repository: RepositoryName,
    digest: Digest,
  ): Promise<StoredManifest> {
    // Whoever waits for the answer to another of his own questions waits for ever.
    if (cache.loop) throw cache.loop
    const look = () => this.#manifests.look(repository, { digest })
    return this.#alone(cache, `manifest#${repository}#${digest}`, look, () =>
      this.#fetch(cache, repository, digest),
    )
  }

  /** Of those who want it at once one asks. That his way led back here says nothing of the others' ways: another asks then. */
  async #alone(
    cache: Cache,
    name: string,
    look: () => Promise<StoredManifest | undefined>,
    work: () => Promise<StoredManifest>,
  ): Promise<StoredManifest> {
    let asks = false
    try {
      const lease = cache.hops === 0 ? name : `${name}#${cache.hops}`
      return await this.#leases.alone(lease, look, () => {
        asks = true
        return work()
      })
    } catch (error) {
      const isHisOwn = asks || !(error instanceof UpstreamError) || error.reason !== 'looping'
      if (isHisOwn) throw error
      return this.#alone(cache, name, look, work)
    }
  }

  async #fetchTag(
    cache: Cache,
    repository: RepositoryName,
    asked: AskedTag,
  ): Promise<StoredManifest> {
    const manifest = await this.#manifest(cache, repository, { tag: remoteTag(asked) })
    const digest = digestOf('sha256', manifest.bytes)
    return this.#put(cache, repository, digest, manifest, asked)
  }

  async #fetch(
    cache: Cache,
    repository: RepositoryName,
    digest: Digest,
    asked?: AskedTag,
  ): Promise<StoredManifest> {
    const manifest = await this.#manifest(cache, repository, { digest })
    if (digestOf(algorithmOf(digest), manifest.bytes) === digest) {
      return this.#put(cache, repository, digest, manifest, asked)
    }
    throw new UpstreamError(cache.name, 'lying', `sent another manifest than ${digest}`)
  }

  async #manifest(
    cache: Cache,
    repository: RepositoryName,
    reference: Reference,
  ): Promise<UpstreamManifest> {
    const remote = remoteName(cache, repository)
    return this.#remembering(cache, remote, reference, () =>
      cache.circuit.ask(() => cache.upstream.manifest(remote, reference)),
    )
  }

  async #revalidate(
    cache: Cache,
    repository: RepositoryName,
    asked: AskedTag,
    held: StoredManifest,
  ): Promise<StoredManifest> {
    const { tag } = asked
    const remote = remoteName(cache, repository)
    const reference = { tag: remoteTag(asked) }
    try {
      const { digest } = await this.#remembering(cache, remote, reference, () =>
        cache.circuit.ask(() => cache.upstream.resolve(remote, reference)),
      )
      const check = this.#check(cache, asked)
      if (digest === held.digest) return this.#tags.confirm(repository, tag, held, check)
      const tooNew = follows(held, asked) && this.#tooNew(cache, held, digest)
      if (tooNew) return this.#tags.confirm(repository, tag, held, { ...check, next: tooNew })
      const there = await this.#manifests.look(repository, { digest })
      if (!there) return this.#fetch(cache, repository, digest, asked)
      const bytes = await this.#manifests.body(there.record)
      const { mediaType } = there.record
      return this.#put(cache, repository, digest, { bytes, mediaType }, asked)
    } catch (error) {
      if (isUnknown(error) && !asked.from) await this.#tags.remove(repository, tag, held.digest)
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
    asked: AskedTag | undefined,
  ): Promise<StoredManifest> {
    const cached = asked ? this.#check(cache, asked) : untagged(cache)
    const tags = asked ? [asked.tag] : []
    await this.#manifests
      .put(repository, { bytes, contentType: mediaType, digest, tags, cached })
      .catch((error: unknown) => {
        if (!(error instanceof RegistryError) || error.code !== 'MANIFEST_INVALID') throw error
        const said = `sent a manifest that cannot be kept: ${String(error.details[0])}`
        throw new UpstreamError(cache.name, 'lying', said, { cause: error })
      })
    return this.#manifests.find(repository, asked ? { tag: asked.tag } : { digest })
  }

  /** An imported tag names what it did when it was imported, unless its owner wants it to follow. */
  #check({ settings }: Cache, { tag, from }: AskedTag): CachedTag {
    const checkedAt = this.#clock.now()
    const age = from ? (from.scheduled ? SCHEDULE_SECONDS : Infinity) : tagAge(settings, tag)
    const freshUntil = Math.min(checkedAt + age * 1000, Number.MAX_SAFE_INTEGER)
    return { checkedAt, freshUntil, next: undefined, from }
  }

  /** Asks; what the upstream does not have or refuses is remembered for a while, and failing to answer never is. */
  async #remembering<T>(
    cache: Cache,
    remote: string,
    reference: Reference,
    ask: () => Promise<T | undefined>,
  ): Promise<T> {
    const { name, settings } = cache
    const key = refusalKey(cache, remote, reference)
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

/** Whether the tag has named here what it names where it is asked for now; else an import puts it in the place of another. */
function follows({ tag }: StoredManifest, { from }: AskedTag): boolean {
  const before = tag?.cached?.from
  if (!before || !from) return before === from
  const { upstream, repository } = from
  return before.upstream === upstream && before.repository === repository && before.tag === from.tag
}

const named = (reference: Reference): string =>
  'tag' in reference ? `tag ${reference.tag}` : `manifest ${reference.digest}`

const refusalKey = ({ name }: Cache, remote: string, reference: Reference): string =>
  `${name} ${remote} ${named(reference)}`
