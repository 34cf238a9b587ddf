/** An image of an upstream, fetched before anybody pulls it: in steps, each of which says what there is by then. */
import type { Digest } from '../digest.ts'
import { RegistryError } from '../errors.ts'
import { parseManifest, type Reference as Described } from '../manifest.ts'
import { isIndex } from '../media-type.ts'
import { manifestsFor, type Platform } from '../platform.ts'
import { UpstreamError } from '../ports/upstream.ts'
import { isStored } from '../records/blob-record.ts'
import type { Reference } from '../reference.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { Blobs } from './blobs.ts'
import type { CachedBlobs } from './cached-blobs.ts'
import { fillsWithin, type Cache } from './caches.ts'
import type { FillLeases } from './fill-leases.ts'
import type { Manifests, StoredManifest } from './manifests.ts'
import type { Pulls } from './pulls.ts'

/** Records of links that are read at once. */
const LOOKS = 50
const NOT_MADE = 'the image is not made for it'

export interface Failure {
  /** A digest, or a platform. */
  readonly what: string
  readonly reason: string
}

export interface Prefetched {
  /** What was asked for names this manifest; ask for it by that from then on. */
  readonly digest: Digest
  /** `came`: of those here, which were not here when the step began. */
  readonly manifests: { readonly here: number; readonly came: number }
  /** Of the manifests that are here. */
  readonly blobs: { readonly total: number; readonly here: number; readonly came: number }
  /** Of these blobs; `here` counts what has come of those under way. */
  readonly bytes: { readonly total: number; readonly here: number }
  readonly failures: readonly Failure[]
  /** Nothing more would come: all is here, or has failed. */
  readonly finished: boolean
}

export class Prefetch {
  readonly #pulls: Pulls
  readonly #manifests: Manifests
  readonly #blobs: Blobs
  readonly #cachedBlobs: CachedBlobs
  readonly #leases: FillLeases

  constructor(
    pulls: Pulls,
    manifests: Manifests,
    blobs: Blobs,
    cachedBlobs: CachedBlobs,
    leases: FillLeases,
  ) {
    this.#pulls = pulls
    this.#manifests = manifests
    this.#blobs = blobs
    this.#cachedBlobs = cachedBlobs
    this.#leases = leases
  }

  /**
   * One step, as long as `patience` is not at its end; whoever repeats it goes on. `platforms`: of an index those alone,
   * `undefined` for all that it names. Throws where the manifest asked for cannot be had.
   */
  async step(
    cache: Cache,
    repository: RepositoryName,
    reference: Reference,
    platforms: readonly Platform[] | undefined,
    patience: AbortSignal,
  ): Promise<Prefetched> {
    const failures: Failure[] = []
    const before = await this.#manifests.look(repository, reference)
    const root = await this.#pulls.manifest(repository, reference)
    const known = new Set<Digest>([root.digest])
    const blobs = new Map<Digest, Described>()
    const left: Reference[] = []
    const take = async (found: StoredManifest): Promise<void> => {
      const bytes = await this.#manifests.body(found.record)
      const manifest = parseManifest(bytes, found.record.mediaType)
      for (const blob of manifest.blobs) blobs.set(blob.digest, blob)
      const some = platforms && isIndex(manifest.mediaType) && manifestsFor(bytes, platforms)
      for (const what of some ? some.lacking : []) failures.push({ what, reason: NOT_MADE })
      for (const { digest } of manifest.manifests) {
        if (some && !some.wanted.has(digest)) continue
        if (!known.has(digest)) left.push({ digest })
        known.add(digest)
      }
    }
    await take(root)
    let here = 1
    let came = before?.digest === root.digest ? 0 : 1
    for (let next; !patience.aborted && (next = left.shift());) {
      const wasHere = await this.#manifests.look(repository, next)
      const found =
        wasHere ??
        (await this.#attempt(next, failures, () => this.#pulls.manifest(repository, next)))
      if (!found) continue
      here++
      if (!wasHere) came++
      await take(found)
    }
    const all = [...blobs.values()]
    const missing = await this.#missing(repository, all)
    // Whatever else the image needs is known only when all its manifests are.
    if (left.length === 0) await this.#bring(cache, repository, missing, failures, patience)
    const still = missing.length === 0 ? [] : await this.#missing(repository, missing)
    const failed = new Set(failures.map(({ what }) => what))
    return {
      digest: root.digest,
      manifests: { here, came },
      blobs: {
        total: all.length,
        here: all.length - still.length,
        came: missing.length - still.length,
      },
      bytes: {
        total: sum(all),
        here: sum(all) - sum(still) + (await this.#arrived(cache, repository, still)),
      },
      failures: [...failures],
      finished: left.length === 0 && still.every(({ digest }) => failed.has(digest)),
    }
  }

  async #missing(
    repository: RepositoryName,
    blobs: readonly Described[],
  ): Promise<readonly Described[]> {
    const missing: Described[] = []
    for (let from = 0; from < blobs.length; from += LOOKS) {
      const some = blobs.slice(from, from + LOOKS)
      const links = await Promise.all(
        some.map(({ digest }) => this.#blobs.look(repository, digest)),
      )
      missing.push(
        ...some.filter((_, at) => {
          const link = links[at]
          return !link || !isStored(link)
        }),
      )
    }
    return missing
  }

  /** As many at once as the upstream's settings allow; those under way when patience ends come all the same. */
  async #bring(
    cache: Cache,
    repository: RepositoryName,
    missing: readonly Described[],
    failures: Failure[],
    patience: AbortSignal,
  ): Promise<void> {
    const left = [...missing]
    const work = async (): Promise<void> => {
      for (let blob; !patience.aborted && (blob = left.shift());) {
        const wanted = { repository, within: fillsWithin(cache, repository), ...blob }
        await this.#attempt(blob, failures, async () => {
          const fill = await this.#cachedBlobs.bring(cache, wanted)
          if (!fill) return this.#cachedBlobs.refuseLacking(cache, wanted)
          await fill.done
        })
      }
    }
    const workers = Math.min(cache.settings.concurrency, left.length)
    const worked = Promise.all(Array.from({ length: workers }, work))
    // Of those that nobody waits for any more.
    worked.catch(() => undefined)
    await Promise.race([worked, ended(patience)])
  }

  async #arrived(
    cache: Cache,
    repository: RepositoryName,
    blobs: readonly Described[],
  ): Promise<number> {
    const within = fillsWithin(cache, repository)
    let bytes = 0
    for (const { digest } of blobs) {
      bytes += await this.#leases.arrived({ repository, within, digest })
    }
    return bytes
  }

  /** What the upstream does not have, or cannot be asked for, is told of and keeps nothing else from coming. */
  async #attempt<T>(
    wanted: Reference | Described,
    failures: Failure[],
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      const what = 'digest' in wanted ? wanted.digest : wanted.tag
      if (error instanceof UpstreamError) failures.push({ what, reason: error.message })
      else if (error instanceof RegistryError)
        failures.push({ what, reason: error.details.map(String).join('; ') })
      else throw error
      return undefined
    }
  }
}

const sum = (blobs: readonly Described[]): number =>
  blobs.reduce((bytes, { size }) => bytes + size, 0)

const ended = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
