/** Tags of a repository (spec "Listing Tags", end-8; "Deleting tags", end-9). */
import { RegistryError } from '../errors.ts'
import type { Table } from '../ports/table.ts'
import { TAG_PREFIX, repositoryKey, repositoryPk, tagKey, taggedKey } from '../records/keys.ts'
import { tagRecord, type TagRecord } from '../records/tag-record.ts'
import type { Tag } from '../reference.ts'
import type { RepositoryName } from '../repository-name.ts'
import { pages } from './pages.ts'
import { retrying } from './retrying.ts'
import type { Stale } from './stale.ts'

export interface TagPage {
  readonly tags: readonly Tag[]
  readonly more: boolean
  readonly stale?: Stale
}

export interface ListedTag extends TagRecord {
  readonly tag: Tag
}

export interface ListedTags {
  readonly tags: readonly ListedTag[]
  readonly more: boolean
}

export class Tags {
  readonly #table: Table

  constructor(table: Table) {
    this.#table = table
  }

  /** In ASCII order, from behind `last`; NAME_UNKNOWN where there is no such repository. */
  async list(repository: RepositoryName, limit: number, last?: string): Promise<TagPage> {
    const { tags, more } = await this.listed(repository, limit, last)
    return { tags: tags.map(({ tag }) => tag), more }
  }

  /** The same, with what each tag names. */
  async listed(repository: RepositoryName, limit: number, last?: string): Promise<ListedTags> {
    const page = await this.look(repository, limit, last)
    if (page.tags.length === 0) await this.#refuseUnknown(repository)
    return page
  }

  /** The same, of a repository that may not be there. */
  async look(repository: RepositoryName, limit: number, last?: string): Promise<ListedTags> {
    const found = await pages(this.#table, repositoryPk(repository), {
      prefix: TAG_PREFIX,
      limit,
      ...(last === undefined ? {} : { after: TAG_PREFIX + last }),
    })
    return {
      tags: found.records.map(({ sk, item }) => ({
        tag: sk.slice(TAG_PREFIX.length) as Tag,
        ...tagRecord(item),
      })),
      more: found.more,
    }
  }

  /** Removes the tag alone; the manifest stays. */
  async remove(repository: RepositoryName, tag: Tag): Promise<void> {
    await retrying(async () => {
      const item = await this.#table.get(tagKey(repository, tag))
      if (!item) {
        await this.#refuseUnknown(repository)
        throw new RegistryError('MANIFEST_UNKNOWN', `${repository} has no tag ${tag}`)
      }
      const { digest } = tagRecord(item)
      const outcome = await this.#table.transact([
        { delete: tagKey(repository, tag), when: { equals: { digest } } },
        { delete: taggedKey(repository, digest, tag) },
      ])
      return outcome.ok || undefined
    })
  }

  async #refuseUnknown(repository: RepositoryName): Promise<void> {
    if (await this.#table.get(repositoryKey(repository))) return
    throw new RegistryError('NAME_UNKNOWN', `there is no repository ${repository}`)
  }
}
