/**
 * A repository as a whole: its tags, its manifests, and the rows that say that it exists. Removing it takes steps, which
 * anybody can go on with: whoever asked, whoever asks again, and the sweeper.
 */
import type { Digest } from '../digest.ts'
import { RegistryError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Table, Write } from '../ports/table.ts'
import {
  catalogKey,
  IMPORTED_PREFIX,
  MANIFEST_PREFIX,
  repositoryKey,
  repositoryPk,
  TAG_PREFIX,
  tagKey,
  taggedKey,
} from '../records/keys.ts'
import { repositoryRecord, type RepositoryRecord } from '../records/repository-record.ts'
import { putSweep, type SweepWork } from '../records/sweep-record.ts'
import { tagRecord } from '../records/tag-record.ts'
import type { Tag } from '../reference.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { ManifestRemovals } from './manifest-removals.ts'
import { retrying } from './retrying.ts'

/** Of each there are two rows, and a transaction takes a hundred. */
const TAGS_IN_STEP = 50
/** Each may count thousands of references. */
const MANIFESTS_IN_STEP = 10
/** Whoever asked for a removal has ended it by then, or is gone: milliseconds. */
const REQUEST_LIFE = 60_000
/** A push that looked before the removal began is over by then, or dead: milliseconds. */
const PUSH_LIFE = 3_600_000

type RemovalWork = Extract<SweepWork, { readonly kind: 'removal' }>

export class Repositories {
  readonly #table: Table
  readonly #removals: ManifestRemovals
  readonly #clock: Clock

  constructor(table: Table, removals: ManifestRemovals, clock: Clock) {
    this.#table = table
    this.#removals = removals
    this.#clock = clock
  }

  async find(repository: RepositoryName): Promise<RepositoryRecord | undefined> {
    const item = await this.#table.get(repositoryKey(repository))
    return item && repositoryRecord(item)
  }

  /**
   * Removes the repository with all its tags and manifests; until it is gone it takes no manifest. False when `stop` ended
   * it between two steps: then the sweeper goes on, or whoever asks again. Blobs stay for their grace. Refuses with
   * NAME_UNKNOWN.
   */
  async remove(repository: RepositoryName, stop: () => boolean = () => false): Promise<boolean> {
    await retrying(() => this.#begin(repository))
    while (!(await this.#step(repository))) if (stop()) return false
    return true
  }

  /** The sweeper's look at a removal: one step of it; answers the writes that take the work's place. */
  async goOn(work: RemovalWork): Promise<Write[]> {
    const { repository, until } = work
    const record = await this.find(repository)
    if (record) {
      // One that is not being removed was pushed anew.
      if (record.removingSince === undefined) return []
      const done = await this.#step(repository)
      return [putSweep(done ? until : this.#clock.now(), work)]
    }
    if (this.#clock.now() < until) return [putSweep(until, work)]
    await this.#listAgain(repository)
    return []
  }

  async #begin(repository: RepositoryName): Promise<true | undefined> {
    const record = await this.find(repository)
    if (!record) throw new RegistryError('NAME_UNKNOWN', `there is no repository ${repository}`)
    if (record.removingSince !== undefined) return true
    const now = this.#clock.now()
    const work: RemovalWork = { kind: 'removal', repository, until: now + PUSH_LIFE }
    const outcome = await this.#table.transact([
      { update: repositoryKey(repository), set: { removingSince: now }, when: 'present' },
      putSweep(now + REQUEST_LIFE, work),
    ])
    return outcome.ok || undefined
  }

  /** True when nothing is left. Tags go first: of one manifest there may be a million. */
  async #step(repository: RepositoryName): Promise<boolean> {
    const pk = repositoryPk(repository)
    const tags = await this.#table.query(pk, { prefix: TAG_PREFIX, limit: TAGS_IN_STEP })
    if (tags.records.length > 0) {
      // Where a push that looked before moves one of them, the next step sees it.
      await this.#table.transact(
        tags.records.flatMap(({ sk, item }): Write[] => {
          const tag = sk.slice(TAG_PREFIX.length) as Tag
          const { digest } = tagRecord(item)
          return [
            { delete: tagKey(repository, tag), when: { equals: { digest } } },
            { delete: taggedKey(repository, digest, tag) },
          ]
        }),
      )
      return false
    }
    const manifests = await this.#table.query(pk, {
      prefix: MANIFEST_PREFIX,
      limit: MANIFESTS_IN_STEP,
    })
    for (const { sk } of manifests.records) {
      await this.#removals.remove(repository, sk.slice(MANIFEST_PREFIX.length) as Digest)
    }
    if (manifests.records.length > 0) return false
    const imported = await this.#table.query(pk, { prefix: IMPORTED_PREFIX, limit: 100 })
    if (imported.records.length > 0) {
      await this.#table.transact(imported.records.map(({ sk }) => ({ delete: { pk, sk } })))
      return false
    }
    await this.#end(repository)
    return true
  }

  async #end(repository: RepositoryName): Promise<void> {
    const { removingSince } = (await this.find(repository)) ?? {}
    if (removingSince === undefined) return
    await this.#table.transact([
      { delete: repositoryKey(repository), when: { equals: { removingSince } } },
      { delete: catalogKey(repository) },
    ])
  }

  /** A push that saw the rows before they went did not write them again: what it put would be in no list. */
  async #listAgain(repository: RepositoryName): Promise<void> {
    const query = { prefix: MANIFEST_PREFIX, limit: 1 }
    const { records } = await this.#table.query(repositoryPk(repository), query)
    if (records.length === 0) return
    const item = { createdAt: this.#clock.now() }
    await this.#table.transact([
      { put: repositoryKey(repository), item, when: 'absent' },
      { put: catalogKey(repository), item: {}, when: 'absent' },
    ])
  }
}
