/** How a repository comes to hold a blob: the blob, its link, and the work of looking at both later, in one transaction. */
import type { Digest } from '../digest.ts'
import type { Clock } from '../ports/clock.ts'
import { imageLimit, refuseBlob } from '../limits/image-limit.ts'
import { MAX_TRANSACTION_WRITES } from '../ports/table-limits.ts'
import type { Table, Write } from '../ports/table.ts'
import type { Policy } from '../policy.ts'
import {
  blobRecord,
  isStored,
  linkRecord,
  REMOTE,
  remoteLinkItem,
  type BlobRecord,
} from '../records/blob-record.ts'
import type { ImageSource } from '../records/image-source.ts'
import { blobKey, blobPk, holderKey, linkKey, LINK_PREFIX, projectKey } from '../records/keys.ts'
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

/** A blob that may yet be fetched. */
export interface Announced {
  readonly digest: Digest
  readonly size: number
  /** Where it was imported from, if it was. */
  readonly from: ImageSource | undefined
  /** The link is there, remote, with another size. */
  readonly isLinked: boolean
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
   * and nothing has happened. The first try expects a new blob, `announced` or not, so that one costs no read.
   */
  async adopt(
    repository: RepositoryName,
    { digest, size, key }: NewBlob,
    { whenKept, whenHeld }: { readonly whenKept: Write; readonly whenHeld: Write },
    announced: boolean,
  ): Promise<'kept' | 'held' | 'lost'> {
    let tried = false
    return retrying(async () => {
      const isFirst = !tried
      tried = true
      const [blobItem, linkItem] = isFirst
        ? []
        : await this.#table.getMany([blobKey(digest), linkKey(repository, digest)])
      const link = linkItem && linkRecord(linkItem)
      const put: Write = { put: blobKey(digest), item: { size, key, links: 1 }, when: 'absent' }
      const known = blobItem && blobRecord(blobItem)
      const writes =
        known && link && isStored(link)
          ? [this.#touch(repository, digest)]
          : [
              known ? this.#countLink(digest, known) : put,
              ...this.#link(
                repository,
                digest,
                known ?? { size, key },
                isFirst ? announced : link !== undefined,
              ),
            ]
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
      if (!sourceItem || !isStored(linkRecord(sourceItem))) return 'missing'
      refuseBlob(imageLimit(project && projectRecord(project).limits), size)
      const blob = blobRecord(blobItem)
      const outcome = await this.#table.transact([
        this.#countLink(digest, blob),
        ...this.#link(repository, digest, blob, false),
        { check: linkKey(source, digest), when: 'present' },
      ])
      return outcome.ok ? { size } : undefined
    })
    return answer === 'missing' ? undefined : answer
  }

  /** Links the bytes that another repository of the same project has; false where none does. */
  async share(repository: RepositoryName, digest: Digest): Promise<boolean> {
    const answer = await retrying(async () => {
      const prefix = `${LINK_PREFIX}${projectOf(repository)}/`
      const { records } = await this.#table.query(blobPk(digest), { prefix, limit: 1 })
      const [holder] = records
      if (!holder) return 'none'
      const [blobItem, linkItem] = await this.#table.getMany([
        blobKey(digest),
        linkKey(repository, digest),
      ])
      if (linkItem && isStored(linkRecord(linkItem))) return 'shared'
      if (!blobItem) return 'none'
      const blob = blobRecord(blobItem)
      const source = holder.sk.slice(LINK_PREFIX.length) as RepositoryName
      const outcome = await this.#table.transact([
        this.#countLink(digest, blob),
        ...this.#link(repository, digest, blob, linkItem !== undefined),
        { check: linkKey(source, digest), when: 'present' },
      ])
      return outcome.ok ? 'shared' : undefined
    })
    return answer === 'shared'
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
      const link = linkRecord(item)
      const { refs, touchedAt } = link
      if (refs > 0) return 'inUse'
      if (touchedAt > idle) return { touchedAt }
      const unlink: Write = {
        delete: linkKey(repository, digest),
        when: { equals: { refs: 0, touchedAt, ...(isStored(link) ? {} : REMOTE) } },
      }
      const stored: Write[] = [
        { delete: holderKey(digest, repository) },
        { update: blobKey(digest), add: { links: -1 }, when: 'present' },
        putSweep(this.#clock.now(), { kind: 'blob', digest }),
      ]
      const writes = isStored(link) ? [unlink, ...stored] : [unlink]
      const outcome = await this.#table.transact(writes, { frees: true })
      return outcome.ok ? 'done' : undefined
    })
  }

  /** Starts the grace of an unreferenced link anew. */
  async touch(repository: RepositoryName, digest: Digest): Promise<boolean> {
    return (await this.#table.transact([this.#touch(repository, digest)])).ok
  }

  /** Links blobs that may yet be fetched; one whose link is not as it was seen stays as it is. */
  async announce(repository: RepositoryName, blobs: readonly Announced[]): Promise<void> {
    const now = this.#clock.now()
    const most = MAX_TRANSACTION_WRITES - 1
    for (let at = 0; at < blobs.length; at += most) {
      let batch = blobs.slice(at, at + most)
      while (batch.length > 0) {
        const digests = batch.map(({ digest }) => digest)
        const outcome = await this.#table.transact([
          ...batch.map((blob) => this.announcement(repository, blob, 0)),
          putSweep(now + this.#policy.grace, { kind: 'links', repository, digests }),
        ])
        if (outcome.ok) break
        const linked = new Set(outcome.failed)
        batch = batch.filter((_, index) => !linked.has(index))
      }
    }
  }

  /** The write that announces a blob, with so many references more. */
  announcement(
    repository: RepositoryName,
    { digest, size, from, isLinked }: Announced,
    refs: number,
  ): Write {
    const key = linkKey(repository, digest)
    if (isLinked) return { update: key, set: { size }, add: { refs }, when: { equals: REMOTE } }
    const item = { ...remoteLinkItem(size, this.#clock.now(), from), refs }
    return { put: key, item, when: 'absent' }
  }

  #touch(repository: RepositoryName, digest: Digest): Write {
    return {
      update: linkKey(repository, digest),
      set: { touchedAt: this.#clock.now() },
      when: 'present',
    }
  }

  #countLink(digest: Digest, { key }: BlobRecord): Write {
    return { update: blobKey(digest), add: { links: 1 }, when: { equals: { key } } }
  }

  /** `announced`: the link is there, remote. */
  #link(
    repository: RepositoryName,
    digest: Digest,
    { size, key }: Omit<NewBlob, 'digest'>,
    announced: boolean,
  ): Write[] {
    const now = this.#clock.now()
    const link = linkKey(repository, digest)
    return [
      announced
        ? {
            update: link,
            set: { size, key, touchedAt: now },
            remove: ['remote', 'from'],
            when: { equals: REMOTE },
          }
        : { put: link, item: { size, key, refs: 0, touchedAt: now }, when: 'absent' },
      { put: holderKey(digest, repository), item: {} },
      putSweep(now + this.#policy.grace, { kind: 'links', repository, digests: [digest] }),
    ]
  }
}
