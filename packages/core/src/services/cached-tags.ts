/** Tags of a project that caches an upstream: what the upstream last said of them, and its list of them. */
import type { Digest } from '../digest.ts'
import type { Table } from '../ports/table.ts'
import { tagKey, taggedKey } from '../records/keys.ts'
import { cachedTagItem, type CachedTag } from '../records/tag-record.ts'
import type { Tag } from '../reference.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { StoredManifest } from './manifests.ts'

export class CachedTags {
  readonly #table: Table

  constructor(table: Table) {
    this.#table = table
  }

  /** The upstream was asked, and the tag goes on naming what it names here. */
  async confirm(
    repository: RepositoryName,
    tag: Tag,
    held: StoredManifest,
    check: CachedTag,
  ): Promise<StoredManifest> {
    // Lost, it is asked for anew.
    await this.#table.transact(
      [
        {
          update: tagKey(repository, tag),
          set: cachedTagItem(check),
          ...(check.next ? {} : { remove: ['nextDigest', 'nextSeenAt'] }),
          when: { equals: { digest: held.digest } },
        },
      ],
      { lazy: true },
    )
    const updatedAt = held.tag?.updatedAt ?? check.checkedAt
    return { ...held, tag: { digest: held.digest, updatedAt, cached: check } }
  }

  /** The upstream has it no more. */
  async remove(repository: RepositoryName, tag: Tag, digest: Digest): Promise<void> {
    await this.#table.transact([
      { delete: tagKey(repository, tag), when: { equals: { digest } } },
      { delete: taggedKey(repository, digest, tag) },
    ])
  }
}
