/** Blobs of a project that caches an upstream: those that are here, and those that come when they are asked for. */
import { BoundedMap } from '../bounded-map.ts'
import type { Digest } from '../digest.ts'
import { RegistryError } from '../errors.ts'
import type { BlobStore, ByteRange, Pieces } from '../ports/blob-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { Queue } from '../ports/queue.ts'
import { UpstreamError } from '../ports/upstream.ts'
import { isStored, type LinkRecord, type StoredLink } from '../records/blob-record.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { MissPolicy } from '../upstream/upstream-settings.ts'
import type { BlobFills } from './blob-fills.ts'
import type { BlobLinks } from './blob-links.ts'
import type { BlobBytes, Blobs } from './blobs.ts'
import { fillsWithin, refuseDenied, remoteName, type Cache } from './caches.ts'
import type { FillLeases, WantedBlob } from './fill-leases.ts'
import { followBlob } from './follow-blob.ts'
import { pause } from './pause.ts'
import type { RunningFill } from './running-fill.ts'

const MOST_UNKNOWN = 10_000
/** What a client waits for a blob that comes whole, before it is asked to come again. */
const WAIT_MS = 20_000
const WAIT_RETRY_SECONDS = 5
const LOOK_MS = 250

/** A job of this kind names a `repository`, a `digest` and a `size`. */
export const FILL_JOB = 'fill'

export interface RemoteBlob {
  readonly size: number
  /** The range lies within the blob. An upstream's URL is for GET alone, so HEAD waits for the bytes. */
  read(method: 'GET' | 'HEAD', range: ByteRange): Promise<BlobBytes>
}

export class CachedBlobs {
  readonly #blobs: Blobs
  readonly #store: BlobStore
  readonly #links: BlobLinks
  readonly #fills: BlobFills
  readonly #leases: FillLeases
  readonly #jobs: Queue | undefined
  readonly #clock: Clock
  /** Until when the upstream is believed not to have a blob. */
  readonly #unknown = new BoundedMap<string, number>(MOST_UNKNOWN)

  constructor(
    parts: {
      readonly blobs: Blobs
      readonly store: BlobStore
      readonly links: BlobLinks
      readonly fills: BlobFills
      readonly leases: FillLeases
      /** Where others bring the blobs: a door that cannot stream, and is frozen after its answer. */
      readonly jobs: Queue | undefined
    },
    clock: Clock,
  ) {
    this.#blobs = parts.blobs
    this.#store = parts.store
    this.#links = parts.links
    this.#fills = parts.fills
    this.#leases = parts.leases
    this.#jobs = parts.jobs
    this.#clock = clock
  }

  /** A blob whose bytes are not here. `link`: what the repository knows of it. */
  async find(
    cache: Cache,
    repository: RepositoryName,
    digest: Digest,
    link: LinkRecord | undefined,
  ): Promise<RemoteBlob> {
    refuseDenied(cache, remoteName(cache, repository))
    if (cache.loop) throw cache.loop
    const size = link?.size ?? (await this.#ask(cache, repository, digest))
    const wanted = { repository, within: fillsWithin(cache, repository), digest, size }
    return { size, read: (method, range) => this.#read(cache, wanted, method, range) }
  }

  /** Has it brought, and answers the fill; `undefined` where others do that. */
  async bring(cache: Cache, wanted: WantedBlob): Promise<RunningFill | undefined> {
    if (!this.#jobs) return this.#fills.start(cache, wanted)
    const { repository, digest, size } = wanted
    if (await this.#leases.request(wanted)) {
      await this.#jobs.send({ kind: FILL_JOB, repository, digest, size })
    }
    return undefined
  }

  /** Throws where whoever brings the blob has heard lately that the upstream has none. */
  async refuseLacking(cache: Cache, wanted: WantedBlob): Promise<void> {
    const { lackedAt = 0 } = (await this.#leases.find(wanted)) ?? {}
    const age = cache.settings.negativeAges.digest * 1000
    if (lackedAt > 0 && this.#clock.now() < lackedAt + age) throw unknownBlob(cache, wanted)
  }

  /** Of a blob that no manifest here names, the upstream says whether its repository has it. */
  async #ask(cache: Cache, repository: RepositoryName, digest: Digest): Promise<number> {
    const key = `${repository} ${digest}`
    const remote = remoteName(cache, repository)
    const unknown = unknownBlob(cache, { repository, digest })
    if ((this.#unknown.get(key) ?? 0) > this.#clock.now()) throw unknown
    const size = await cache.circuit.ask(() => cache.upstream.blobSize(remote, digest))
    if (size === undefined) {
      const { negativeAges } = cache.settings
      this.#unknown.set(key, this.#clock.now() + negativeAges.digest * 1000)
      throw unknown
    }
    const announced = { digest, size, from: cache.source, isLinked: false }
    await this.#links.announce(repository, [announced])
    return size
  }

  async #read(
    cache: Cache,
    wanted: WantedBlob,
    method: 'GET' | 'HEAD',
    range: ByteRange,
  ): Promise<BlobBytes> {
    const policy = this.#policyOf(cache)
    if (policy === 'stream') {
      const fill = this.#fills.start(cache, wanted)
      const pieces = followBlob(this.#store, this.#leases, fill, wanted, range)
      return { source: await begun(pieces) }
    }
    // A door is frozen after its answer: the job is sent before.
    const fill = await this.bring(cache, wanted)
    if (policy === 'redirect' && method === 'GET') {
      const remote = remoteName(cache, wanted.repository)
      const url = await cache.circuit.ask(() => cache.upstream.blobUrl(remote, wanted.digest))
      if (url instanceof URL) return { url }
      if (url === undefined) throw unknownBlob(cache, wanted)
    }
    const link = await this.#arrival(cache, fill, wanted)
    if (link) return this.#blobs.read(link, method, range)
    const detail = `the blob is on its way from upstream ${cache.name}: ask again`
    const cause = new UpstreamError(cache.name, 'unreachable', 'has not sent all of it yet')
    throw new RegistryError('UNAVAILABLE', detail, { retryAfter: WAIT_RETRY_SECONDS, cause })
  }

  /** What nobody here can stream is had from the upstream's own store. */
  #policyOf({ settings: { missPolicy } }: Cache): MissPolicy {
    return missPolicy === 'stream' && this.#jobs ? 'redirect' : missPolicy
  }

  /** The blob's link once it is here; `undefined` when that takes longer than a client should wait. */
  async #arrival(
    cache: Cache,
    fill: RunningFill | undefined,
    wanted: WantedBlob,
  ): Promise<StoredLink | undefined> {
    const { repository, digest } = wanted
    if (fill) return Promise.race([fill.done, pause(WAIT_MS)])
    for (const until = this.#clock.now() + WAIT_MS; this.#clock.now() < until;) {
      const link = await this.#blobs.look(repository, digest)
      if (link && isStored(link)) return link
      await this.refuseLacking(cache, wanted)
      await pause(LOOK_MS)
    }
    return undefined
  }
}

const unknownBlob = (
  cache: Cache,
  { repository, digest }: Pick<WantedBlob, 'repository' | 'digest'>,
): RegistryError =>
  new RegistryError('BLOB_UNKNOWN', `${remoteName(cache, repository)} has no blob ${digest}`)

/** With its first piece at hand: until then a failure can still be told. */
async function begun(pieces: Pieces): Promise<Pieces> {
  const iterator = pieces[Symbol.asyncIterator]()
  const first = await iterator.next()
  return (async function* () {
    try {
      for (let step = first; !step.done; step = await iterator.next()) yield step.value
    } finally {
      await iterator.return?.()
    }
  })()
}
