/**
 * Putting a manifest (spec "Pushing Manifests", end-7): the manifest, the references it counts, its tags, the referrers
 * entry of its subject and the catalogue row are one transaction.
 */
import { algorithmOf, digestOf, type Digest } from '../digest.ts'
import { RegistryError } from '../errors.ts'
import { parseManifest, type Manifest, type Reference } from '../manifest.ts'
import type { BlobStore } from '../ports/blob-store.ts'
import type { Clock } from '../ports/clock.ts'
import { MAX_TRANSACTION_WRITES } from '../ports/table-limits.ts'
import type { Item, Key, Outcome, Table, Write } from '../ports/table.ts'
import { linkRecord } from '../records/blob-record.ts'
import { defined } from '../records/defined.ts'
import { sourceItem, type ImageSource } from '../records/image-source.ts'
import {
  catalogKey,
  importedKey,
  linkKey,
  manifestKey,
  META,
  newObjectKey,
  projectKey,
  referrerKey,
  repositoryKey,
  tagKey,
  taggedKey,
} from '../records/keys.ts'
import {
  fitsInline,
  manifestRecord,
  referrerItem,
  type ManifestRecord,
} from '../records/manifest-record.ts'
import { projectRecord } from '../records/project-record.ts'
import { repositoryRecord, type RepositoryRecord } from '../records/repository-record.ts'
import { putSweep, sweepItem, sweepKey } from '../records/sweep-record.ts'
import { cachedTagItem, tagRecord, type CachedTag } from '../records/tag-record.ts'
import type { Tag } from '../reference.ts'
import { projectOf, type RepositoryName } from '../repository-name.ts'
import { announcedBy } from './announced-by.ts'
import type { Announced, BlobLinks } from './blob-links.ts'
import type { Limits } from './limits.ts'
import { inBatches } from './in-batches.ts'
import { admitted, admittedToCache } from './projects.ts'
import type { ReferenceCounts } from './reference-counts.ts'
import { retrying } from './retrying.ts'

/** Spec "Pushing Manifests with tags": as many tags as one request may put on a manifest. */
export const MAX_TAGS_PER_PUT = 10
/** A body in the blob store without its manifest after this time is a dead push's. */
const BODY_LIFE = 3_600_000
/** Seconds; most removals are over in less. */
const RETRY_AFTER_REMOVAL = 5

export interface PutManifest {
  readonly bytes: Uint8Array
  readonly contentType: string
  /** What the client says the digest is; the bytes are checked against it. */
  readonly digest: Digest | undefined
  readonly tags: readonly Tag[]
  /** Asked before the put makes the repository; refuses by throwing. */
  readonly admitNew?: () => Promise<void>
  /** It comes from the upstream that the project caches, or was imported: what it names may yet be fetched. */
  readonly cached?: CachedTag
}

/** What a put found before it wrote. */
interface Seen {
  readonly present: ManifestRecord | undefined
  /** The writes of the put's tags, each moved from what it names. */
  readonly putTags: readonly Write[]
  /**
   * The repository's own rows that are missing. A put that finds them leaves them alone: to write them again would cost,
   * and make any two pushes to one repository conflict. Whoever removes them looks again later (`services/repositories.ts`).
   */
  readonly unlisted: readonly Key[]
  /** Links of blobs that may yet be fetched: those that are missing, and those of another size than the manifest says. */
  readonly announced: readonly Announced[]
  /** The writes by which the limits of the project hold, where it has any. */
  readonly guards: readonly Write[]
}

export class ManifestPuts {
  readonly #table: Table
  readonly #store: BlobStore
  readonly #links: BlobLinks
  readonly #counts: ReferenceCounts
  readonly #limits: Limits
  readonly #clock: Clock

  constructor(
    table: Table,
    store: BlobStore,
    links: BlobLinks,
    counts: ReferenceCounts,
    limits: Limits,
    clock: Clock,
  ) {
    this.#table = table
    this.#store = store
    this.#links = links
    this.#counts = counts
    this.#limits = limits
    this.#clock = clock
  }

  async put(
    repository: RepositoryName,
    { bytes, contentType, digest: claimed, tags, admitNew, cached }: PutManifest,
  ): Promise<{ readonly digest: Digest; readonly manifest: Manifest }> {
    const digest = digestOf(claimed ? algorithmOf(claimed) : 'sha256', bytes)
    if (claimed && claimed !== digest) {
      throw new RegistryError('DIGEST_INVALID', `the manifest's digest is ${digest}`)
    }
    const manifest = parseManifest(bytes, contentType)
    return retrying(async () => {
      const seen = await this.#look(repository, digest, manifest, { tags, admitNew, cached })
      if (!seen) return undefined
      const done = seen.present
        ? await this.#tagPresent(
            repository,
            digest,
            seen.present,
            bytes,
            [...seen.putTags, ...seen.guards],
            isOfCache(cached),
          )
        : await this.#putAbsent(repository, digest, manifest, bytes, seen, isOfCache(cached))
      return done ? { digest, manifest } : undefined
    })
  }

  /** Reads all that a put depends on, and refuses what it may not; `undefined` when another writer was faster. */
  async #look(
    repository: RepositoryName,
    digest: Digest,
    manifest: Manifest,
    { tags, admitNew, cached }: Pick<PutManifest, 'tags' | 'admitNew' | 'cached'>,
  ): Promise<Seen | undefined> {
    const { blobs, manifests } = manifest
    const listings = [repositoryKey(repository), catalogKey(repository)]
    const keys: Key[] = [
      projectKey(projectOf(repository)),
      manifestKey(repository, digest),
      ...listings,
      ...tags.map((tag) => tagKey(repository, tag)),
      ...blobs.map((blob) => linkKey(repository, blob.digest)),
      ...manifests.map((child) => manifestKey(repository, child.digest)),
    ]
    const items = await inBatches(this.#table, keys)
    const [projectItem, present, ...others] = items
    const project = projectItem && projectRecord(projectItem)
    const admit = isOfCache(cached) ? admittedToCache : admitted
    admit(repository, project)
    const [listed, rest] = [others.slice(0, listings.length), others.slice(listings.length)]
    if (listed[0] === undefined) await admitNew?.()
    else refuseRemoving(repository, repositoryRecord(listed[0]))
    const named = rest.slice(tags.length)
    if (!cached) refuseMissing([...blobs, ...manifests], named, blobs.length)
    else if (cached.from) await this.#announceManifests(repository, manifests, cached.from)
    const tagged = rest.slice(0, tags.length).map((item) => item && tagRecord(item).digest)
    const { limits, turn } = project!
    // What an upstream brings is no push; an import is, until it only follows.
    const isPush = !cached || (cached.from !== undefined && tagged.includes(undefined))
    const guards =
      limits && isPush
        ? await this.#limits.admit({
            repository,
            limits,
            turn,
            digest,
            manifest,
            tags,
            isPresent: present !== undefined,
            row: listed[0] && repositoryRecord(listed[0]),
          })
        : []
    return (
      guards && {
        present: present && manifestRecord(present),
        putTags: this.#putTags(repository, digest, tags, tagged, cached),
        unlisted: listings.filter((_, at) => listed[at] === undefined),
        announced: cached ? announcedBy(blobs, named, cached.from) : [],
        guards,
      }
    )
  }

  /** So that each of them is known to come from there when it is asked for. */
  async #announceManifests(
    repository: RepositoryName,
    manifests: readonly Reference[],
    from: ImageSource,
  ): Promise<void> {
    for (let at = 0; at < manifests.length; at += MAX_TRANSACTION_WRITES) {
      const batch = manifests.slice(at, at + MAX_TRANSACTION_WRITES)
      const item = sourceItem(from)
      await this.#table.transact(
        batch.map(({ digest }) => ({ put: importedKey(repository, digest), item })),
      )
    }
  }

  async #tagPresent(
    repository: RepositoryName,
    digest: Digest,
    { bodyKey }: ManifestRecord,
    bytes: Uint8Array,
    writes: readonly Write[],
    lazy: boolean,
  ): Promise<boolean> {
    // Pushing a manifest again heals one whose body was lost.
    if (bodyKey && !(await this.#store.stat(bodyKey))) await this.#writeObject(bodyKey, bytes)
    if (writes.length === 0) return true
    const outcome = await this.#table.transact(
      [
        { update: manifestKey(repository, digest), add: { version: 1 }, when: 'present' },
        ...writes,
      ],
      { lazy },
    )
    return outcome.ok
  }

  async #putAbsent(
    repository: RepositoryName,
    digest: Digest,
    manifest: Manifest,
    bytes: Uint8Array,
    { putTags, unlisted, announced, guards }: Seen,
    isCached: boolean,
  ): Promise<boolean> {
    const refs = manifest.blobs.map((blob) => blob.digest)
    const body = fitsInline(bytes.byteLength, refs.length)
      ? undefined
      : await this.#writeBody(repository, digest, bytes)
    const item = defined({
      mediaType: manifest.mediaType,
      size: bytes.byteLength,
      body: body ? undefined : bytes,
      bodyKey: body?.key,
      refs,
      subject: manifest.subject,
      version: 1,
      createdAt: this.#clock.now(),
      pulledAt: isCached ? this.#clock.now() : undefined,
    })
    // Under a limit the repository's own record is among the guards.
    const rows = unlisted
      .filter(({ sk }) => sk !== META || guards.length === 0)
      .map((key): Write => ({
        put: key,
        item: key.sk === META ? { createdAt: this.#clock.now() } : {},
      }))
    const writes: Write[] = [
      // First, to be found among what fails.
      ...(body ? [body.keep] : []),
      { put: manifestKey(repository, digest), item, when: 'absent' },
      ...rows,
      ...guards,
      ...putTags,
      ...this.#putReferrer(repository, digest, manifest, bytes.byteLength),
    ]
    const outcome = await this.#count(repository, refs, writes, announced, isCached)
    if (!outcome.ok && body && outcome.failed[0] === 0) {
      // The sweeper took this push for dead, perhaps before there was anything to remove.
      const { key } = body
      await this.#table.transact([putSweep(this.#clock.now(), { kind: 'object', key })])
    }
    return outcome.ok
  }

  /**
   * The writes, and one more reference of each blob, in one transaction or behind a pending record. What a cache holds can be
   * had again, so that nobody waits for the disk.
   */
  async #count(
    repository: RepositoryName,
    refs: readonly Digest[],
    writes: readonly Write[],
    announced: Seen['announced'],
    lazy: boolean,
  ): Promise<Outcome> {
    if (writes.length + refs.length <= MAX_TRANSACTION_WRITES) {
      const names = new Set(announced.map(({ digest }) => digest))
      const there = refs.filter((digest) => !names.has(digest))
      const announce = announced.map((blob) => this.#links.announcement(repository, blob, 1))
      const raise = this.#counts.raise(repository, there)
      return this.#table.transact([...writes, ...announce, ...raise], { lazy })
    }
    await this.#links.announce(repository, announced)
    const held = await this.#counts.hold(repository, refs)
    if ('missing' in held) return { ok: false, failed: [] }
    const outcome = await this.#table.transact([...writes, held.end])
    if (!outcome.ok) await this.#counts.undo(repository, held.id)
    return outcome
  }

  /**
   * The sweeper hears of the object before it exists, so that a crash cannot leave it to nobody. `keep` takes it from
   * the sweeper, and fails where that was faster.
   */
  async #writeBody(
    repository: RepositoryName,
    digest: Digest,
    bytes: Uint8Array,
  ): Promise<{ readonly key: string; readonly keep: Write }> {
    const key = newObjectKey('manifests')
    const work = sweepKey(this.#clock.now() + BODY_LIFE)
    const item = sweepItem({ kind: 'body', repository, digest, key })
    await this.#table.transact([{ put: work, item }])
    await this.#writeObject(key, bytes)
    return { key, keep: { delete: work, when: 'present' } }
  }

  async #writeObject(key: string, bytes: Uint8Array): Promise<void> {
    await this.#store.write(
      key,
      (async function* () {
        yield bytes
      })(),
    )
  }

  #putTags(
    repository: RepositoryName,
    digest: Digest,
    tags: readonly Tag[],
    tagged: readonly (Digest | undefined)[],
    cached: CachedTag | undefined,
  ): Write[] {
    const updatedAt = this.#clock.now()
    const item = { digest, updatedAt, ...(cached && cachedTagItem(cached)) }
    return tags.flatMap((tag, at): Write[] => {
      const before = tagged[at]
      const moved = before !== undefined && before !== digest
      return [
        { put: tagKey(repository, tag), item },
        { put: taggedKey(repository, digest, tag), item: {} },
        ...(moved ? [{ delete: taggedKey(repository, before, tag) }] : []),
      ]
    })
  }

  #putReferrer(
    repository: RepositoryName,
    digest: Digest,
    manifest: Manifest,
    size: number,
  ): Write[] {
    if (!manifest.subject) return []
    const item: Item = referrerItem(manifest, size)
    return [{ put: referrerKey(repository, manifest.subject, digest), item }]
  }
}

/** It comes from the upstream that the project caches; an import is kept like a push. */
const isOfCache = (cached: CachedTag | undefined): boolean => cached !== undefined && !cached.from

function refuseRemoving(repository: RepositoryName, { removingSince }: RepositoryRecord): void {
  if (removingSince === undefined) return
  const detail = `${repository} is being removed: push again when it is gone`
  throw new RegistryError('UNAVAILABLE', detail, { retryAfter: RETRY_AFTER_REMOVAL })
}

/** `items` are the records of what is named, in order: `links` links first, then manifests. */
function refuseMissing(
  named: readonly Reference[],
  items: readonly (Item | undefined)[],
  links: number,
): void {
  const missing = named.filter((_, at) => items[at] === undefined)
  if (missing.length > 0) {
    const details = missing.map(({ digest }) => ({
      digest,
      action: 'push it first, then the manifest',
    }))
    throw new RegistryError('MANIFEST_BLOB_UNKNOWN', details)
  }
  const wrong = named.flatMap(({ digest, size }, at) => {
    const item = items[at]!
    const stored = at < links ? linkRecord(item).size : manifestRecord(item).size
    return stored === size
      ? []
      : [`${digest} has ${stored} bytes, not the ${size} of its descriptor`]
  })
  if (wrong.length > 0) throw new RegistryError('MANIFEST_INVALID', wrong)
}
