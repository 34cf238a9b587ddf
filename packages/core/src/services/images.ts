/** Images of the whole registry: a manifest is one image, however many repositories hold it. */
import type { Digest } from '../digest.ts'
import type { Table } from '../ports/table.ts'
import { MAX_GET_KEYS } from '../ports/table-limits.ts'
import {
  blobPk,
  CATALOG,
  LINK_PREFIX,
  MANIFEST_PREFIX,
  manifestKey,
  repositoryPk,
} from '../records/keys.ts'
import { manifestRecord, type ManifestRecord } from '../records/manifest-record.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { ManifestRemovals } from './manifest-removals.ts'

export interface Image {
  /** The first of those that hold it, in ASCII order. */
  readonly repository: RepositoryName
  readonly digest: Digest
  readonly record: ManifestRecord
}

export interface ImagePlace {
  readonly repository: RepositoryName
  readonly digest: Digest
}

/** Manifests looked at together: their records carry their bodies. */
const PAGE = 25
/** Bytes of manifests after which a page ends: whoever asked shall hold it. */
const MAX_PAGE_BYTES = 2 * 1024 * 1024

export class Images {
  readonly #table: Table
  readonly #removals: ManifestRemovals

  constructor(table: Table, removals: ManifestRemovals) {
    this.#table = table
    this.#removals = removals
  }

  async find(digest: Digest): Promise<Image | undefined> {
    for await (const image of this.#holders(digest)) return image
    return undefined
  }

  /** Each once, by repository and digest, from behind `after`; `next` where there may be more. */
  async list(
    limit: number,
    after?: ImagePlace,
  ): Promise<{ readonly images: readonly Image[]; readonly next?: ImagePlace }> {
    const images: Image[] = []
    let bytes = 0
    for await (const image of this.#all(after)) {
      images.push(image)
      bytes += image.record.size
      if (images.length === limit || bytes >= MAX_PAGE_BYTES) return { images, next: image }
    }
    return { images }
  }

  /** Removes it, and every tag that names it, from all repositories; false when none had it. */
  async remove(digest: Digest): Promise<boolean> {
    let removed = false
    for await (const { repository } of this.#holders(digest)) {
      if (await this.#removals.remove(repository, digest)) removed = true
    }
    return removed
  }

  async *#all(after: ImagePlace | undefined): AsyncGenerator<Image> {
    if (after) yield* this.#firstsOf(after.repository, after.digest)
    const catalogue = this.#names(CATALOG, '', after?.repository)
    for await (const names of catalogue) for (const name of names) yield* this.#firstsOf(name)
  }

  /** The images of a repository that no earlier one holds. */
  async *#firstsOf(repository: RepositoryName, after?: Digest): AsyncGenerator<Image> {
    for (let last = after && MANIFEST_PREFIX + after; ;) {
      const { records, next } = await this.#table.query(repositoryPk(repository), {
        prefix: MANIFEST_PREFIX,
        limit: PAGE,
        ...(last === undefined ? {} : { after: last }),
      })
      const images = records.map(({ sk, item }): Image => {
        const digest = sk.slice(MANIFEST_PREFIX.length) as Digest
        return { repository, digest, record: manifestRecord(item) }
      })
      const first = await Promise.all(images.map((image) => this.#isFirst(image)))
      yield* images.filter((_, at) => first[at])
      if (next === undefined) return
      last = next
    }
  }

  async #isFirst({ repository, digest, record }: Image): Promise<boolean> {
    for await (const holder of this.#holders(digest, record.refs[0])) {
      return holder.repository >= repository
    }
    return true
  }

  /** In ASCII order. All of them link `blob`, if there is one that it needs: that asks fewer than the whole catalogue. */
  async *#holders(digest: Digest, blob?: Digest): AsyncGenerator<Image> {
    const candidates =
      blob === undefined ? this.#names(CATALOG, '') : this.#names(blobPk(blob), LINK_PREFIX)
    for await (const names of candidates) {
      const items = await this.#table.getMany(names.map((name) => manifestKey(name, digest)))
      for (const [at, item] of items.entries()) {
        if (item) yield { repository: names[at]!, digest, record: manifestRecord(item) }
      }
    }
  }

  /** Repositories by the rows that name them, as many at a time as one read takes. */
  async *#names(
    pk: string,
    prefix: string,
    last?: string,
  ): AsyncGenerator<readonly RepositoryName[]> {
    for (let after = last === undefined ? undefined : prefix + last; ;) {
      const { records, next } = await this.#table.query(pk, {
        limit: MAX_GET_KEYS,
        ...(prefix === '' ? {} : { prefix }),
        ...(after === undefined ? {} : { after }),
      })
      if (records.length > 0)
        yield records.map(({ sk }) => sk.slice(prefix.length) as RepositoryName)
      if (next === undefined) return
      after = next
    }
  }
}
