/** Blobs as a repository shows them: only what it links (spec "Pulling blobs", "Deleting Blobs", "Mounting a blob"). */
import type { Digest } from '../digest.ts'
import { BlobRangeError, RegistryError } from '../errors.ts'
import type { BlobStore, ByteRange, Pieces } from '../ports/blob-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { Table } from '../ports/table.ts'
import type { Policy } from '../policy.ts'
import { isStored, linkRecord, type LinkRecord, type StoredLink } from '../records/blob-record.ts'
import { LINK_PREFIX, blobPk, linkKey } from '../records/keys.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { BlobLinks } from './blob-links.ts'

/** Repositories that an anonymous mount looks at before it gives up. */
const MAX_HOLDERS = 100

/** A presigned URL's life: long enough to begin a download through a queue, short enough to be useless when found. */
const LINK_TTL_SECONDS = 20 * 60

export type BlobBytes = { readonly url: URL } | { readonly source: Pieces }

export class Blobs {
  readonly #table: Table
  readonly #store: BlobStore
  readonly #links: BlobLinks
  readonly #clock: Clock
  readonly #policy: Policy

  constructor(table: Table, store: BlobStore, links: BlobLinks, clock: Clock, policy: Policy) {
    this.#table = table
    this.#store = store
    this.#links = links
    this.#clock = clock
    this.#policy = policy
  }

  /** The link, if there is one, whether its bytes are here or not. */
  async look(repository: RepositoryName, digest: Digest): Promise<LinkRecord | undefined> {
    const item = await this.#table.get(linkKey(repository, digest))
    return item && linkRecord(item)
  }

  async find(repository: RepositoryName, digest: Digest): Promise<StoredLink> {
    const link = await this.look(repository, digest)
    if (link && isStored(link)) return link
    throw new RegistryError('BLOB_UNKNOWN', `${repository} has no blob ${digest}`)
  }

  /**
   * For one who may push: a client that hears of the blob now does not upload it, so it must not be swept before its
   * manifest arrives.
   */
  async keep(repository: RepositoryName, digest: Digest, link: StoredLink): Promise<StoredLink> {
    const stale = link.refs === 0 && link.touchedAt < this.#clock.now() - this.#policy.grace / 2
    if (stale && !(await this.#links.touch(repository, digest)))
      return this.find(repository, digest)
    return link
  }

  /** Where the bytes are: at a URL, where the store has such, or here. */
  async read(blob: StoredLink, method: 'GET' | 'HEAD', range?: ByteRange): Promise<BlobBytes> {
    const url = await this.#store.link(blob.key, {
      method,
      ttl: LINK_TTL_SECONDS,
      contentType: 'application/octet-stream',
    })
    if (url) return { url }
    const source = await this.#store.read(blob.key, range)
    if (!source) throw new Error(`object ${blob.key} is recorded and missing: run fsck`)
    return { source }
  }

  /** Clips a range to the blob; refuses one that begins behind its end. */
  clip(
    blob: { readonly size: number },
    range: { readonly start: number; readonly end: number },
  ): ByteRange {
    if (range.start >= blob.size || range.end < range.start) throw new BlobRangeError(blob.size)
    return { start: range.start, end: Math.min(range.end, blob.size - 1) }
  }

  async mount(
    repository: RepositoryName,
    digest: Digest,
    source: RepositoryName,
  ): Promise<{ readonly size: number } | undefined> {
    return this.#links.mount(repository, digest, source)
  }

  /** Mounts from whichever repository the caller may pull from (spec: `from` may be left out). */
  async mountFromAny(
    repository: RepositoryName,
    digest: Digest,
    mayPull: (source: RepositoryName) => Promise<boolean>,
  ): Promise<{ readonly size: number; readonly source: RepositoryName } | undefined> {
    const page = await this.#table.query(blobPk(digest), {
      prefix: LINK_PREFIX,
      limit: MAX_HOLDERS,
    })
    for (const record of page.records) {
      const source = record.sk.slice(LINK_PREFIX.length) as RepositoryName
      const mounted = (await mayPull(source)) && (await this.mount(repository, digest, source))
      if (mounted) return { ...mounted, source }
    }
    return undefined
  }

  async remove(repository: RepositoryName, digest: Digest): Promise<void> {
    const answer = await this.#links.unlink(repository, digest)
    if (answer === 'gone') {
      throw new RegistryError('BLOB_UNKNOWN', `${repository} has no blob ${digest}`)
    }
    if (answer === 'inUse') {
      throw new RegistryError(
        'UNSUPPORTED',
        'a manifest of this repository refers to the blob: delete the manifest first',
      )
    }
  }
}
