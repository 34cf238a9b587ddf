/** How a repository comes to hold a blob: the blob, its link, and the work of looking at both later, in one transaction. */
import type { Digest } from '../digest.ts'
import type { Clock } from '../ports/clock.ts'
import type { Table, Write } from '../ports/table.ts'
import type { Policy } from '../policy.ts'
import { blobRecord, linkRecord, type BlobRecord } from '../records/blob-record.ts'
import { blobKey, holderKey, linkKey, projectKey } from '../records/keys.ts'
import { projectRecord } from '../records/project-record.ts'
import { putSweep } from '../records/sweep-record.ts'
import { projectOf, type RepositoryName } from '../repository-name.ts'
import { admitted } from './projects.ts'
import { retrying } from './retrying.ts'

export interface NewBlob {
  readonly digest: Digest
  readonly size: number
  /** An object that nobody else names. */
  readonly key: string
}

export class BlobLinks {
  readonly #table: Table
  readonly #clock: Clock
  readonly #policy: Policy

  constructor(table: Table, clock: Clock, policy: Policy) {
    this.#table = table
    this.#clock = clock
    this.#policy = policy
  }

  /**
   * Links new bytes. `kept`: the object is the blob now. `held`: the registry had the blob already, and the object is
   * the caller's to delete. `whenKept` or `whenHeld` joins the transaction; `lost` when its condition does not hold,
   * and nothing has happened. The first try expects a new blob, so that one costs no read.
   */
  async adopt(
    repository: RepositoryName,
    { digest, size, key }: NewBlob,
    whenKept: Write,
    whenHeld: Write,
  ): Promise<'kept' | 'held' | 'lost'> {
    let tried = false
    return retrying(async () => {
      const [blobItem, linkItem] = tried
        ? await this.#table.getMany([blobKey(digest), linkKey(repository, digest)])
        : []
      tried = true
      const writes = !blobItem
        ? [
            { put: blobKey(digest), item: { size, key, links: 1 }, when: 'absent' } as const,
            ...this.#link(repository, digest, { size, key }),
          ]
        : linkItem
          ? [this.#touch(repository, digest)]
          : this.#linkKnown(repository, digest, blobRecord(blobItem))
      const outcome = await this.#table.transact([...writes, blobItem ? whenHeld : whenKept])
      if (outcome.ok) return blobItem ? 'held' : 'kept'
      return outcome.failed.includes(writes.length) ? 'lost' : undefined
    })
  }

  /** Links a blob that another repository holds; `undefined` when that one does not (any more). */
  async mount(
    repository: RepositoryName,
    digest: Digest,
    source: RepositoryName,
  ): Promise<{ readonly size: number } | undefined> {
    const answer = await retrying<{ size: number } | 'missing'>(async () => {
      const [project, blobItem, linkItem, sourceItem] = await this.#table.getMany([
        projectKey(projectOf(repository)),
        blobKey(digest),
        linkKey(repository, digest),
        ...(source === repository ? [] : [linkKey(source, digest)]),
      ])
      admitted(repository, project && projectRecord(project))
      if (!blobItem) return 'missing'
      const { size } = blobRecord(blobItem)
      if (linkItem) {
        const outcome = await this.#table.transact([this.#touch(repository, digest)])
        return outcome.ok ? { size } : undefined
      }
      if (!sourceItem) return 'missing'
      const outcome = await this.#table.transact([
        ...this.#linkKnown(repository, digest, blobRecord(blobItem)),
        { check: linkKey(source, digest), when: 'present' },
      ])
      return outcome.ok ? { size } : undefined
    })
    return answer === 'missing' ? undefined : answer
  }

  /**
   * Takes the link away while no manifest needs it. `inUse` when one does; `gone` when there is no link. `idle` asks
   * that nobody has touched it since (milliseconds since the epoch).
   */
  async unlink(
    repository: RepositoryName,
    digest: Digest,
    idle = Infinity,
  ): Promise<'done' | 'inUse' | 'gone' | { readonly touchedAt: number }> {
    return retrying(async () => {
      const item = await this.#table.get(linkKey(repository, digest))
      if (!item) return 'gone'
      const { refs, touchedAt } = linkRecord(item)
      if (refs > 0) return 'inUse'
      if (touchedAt > idle) return { touchedAt }
      const outcome = await this.#table.transact([
        { delete: linkKey(repository, digest), when: { equals: { refs: 0, touchedAt } } },
        { delete: holderKey(digest, repository) },
        { update: blobKey(digest), add: { links: -1 }, when: 'present' },
        putSweep(this.#clock.now(), { kind: 'blob', digest }),
      ])
      return outcome.ok ? 'done' : undefined
    })
  }

  /** Starts the grace of an unreferenced link anew. */
  async touch(repository: RepositoryName, digest: Digest): Promise<boolean> {
    return (await this.#table.transact([this.#touch(repository, digest)])).ok
  }

  #touch(repository: RepositoryName, digest: Digest): Write {
    return {
      update: linkKey(repository, digest),
      set: { touchedAt: this.#clock.now() },
      when: 'present',
    }
  }

  #linkKnown(repository: RepositoryName, digest: Digest, blob: BlobRecord): Write[] {
    const { key } = blob
    return [
      { update: blobKey(digest), add: { links: 1 }, when: { equals: { key } } },
      ...this.#link(repository, digest, blob),
    ]
  }

  #link(repository: RepositoryName, digest: Digest, blob: Omit<NewBlob, 'digest'>): Write[] {
    const now = this.#clock.now()
    const { size, key } = blob
    return [
      {
        put: linkKey(repository, digest),
        item: { size, key, refs: 0, touchedAt: now },
        when: 'absent',
      },
      { put: holderKey(digest, repository), item: {} },
      putSweep(now + this.#policy.grace, { kind: 'links', repository, digests: [digest] }),
    ]
  }
}
