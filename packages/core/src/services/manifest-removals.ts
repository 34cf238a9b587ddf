/** Removing a manifest (spec "Deleting Manifests", end-9): with it go its tags, its references and its referrers entry. */
import type { Digest } from '../digest.ts'
import { objectGrace, type Policy } from '../policy.ts'
import type { Clock } from '../ports/clock.ts'
import { MAX_TRANSACTION_WRITES } from '../ports/table-limits.ts'
import type { Table, Write } from '../ports/table.ts'
import {
  manifestKey,
  referrerKey,
  repositoryPk,
  tagKey,
  taggedKey,
  taggedPrefix,
} from '../records/keys.ts'
import { manifestRecord } from '../records/manifest-record.ts'
import { putSweep } from '../records/sweep-record.ts'
import { tagRecord } from '../records/tag-record.ts'
import type { Tag } from '../reference.ts'
import type { RepositoryName } from '../repository-name.ts'
import { inBatches } from './in-batches.ts'
import type { ReferenceCounts } from './reference-counts.ts'
import { retrying } from './retrying.ts'

export class ManifestRemovals {
  readonly #table: Table
  readonly #counts: ReferenceCounts
  readonly #clock: Clock
  readonly #policy: Policy

  constructor(table: Table, counts: ReferenceCounts, clock: Clock, policy: Policy) {
    this.#table = table
    this.#counts = counts
    this.#clock = clock
    this.#policy = policy
  }

  /**
   * Removes the manifest and every tag that names it; false when there is none, or when it was pulled since `pulledAt`
   * (`Manifests.pulled`).
   */
  async remove(repository: RepositoryName, digest: Digest, pulledAt?: number): Promise<boolean> {
    return retrying(async () => {
      const item = await this.#table.get(manifestKey(repository, digest))
      if (!item) return false
      const record = manifestRecord(item)
      if (pulledAt !== undefined && record.pulledAt !== pulledAt) return false
      const idle: Readonly<Record<string, number>> = pulledAt === undefined ? {} : { pulledAt }
      const untag = await this.#untagMost(repository, digest, record.version)
      if (!untag) return undefined
      const whole = record.refs.length + untag.length + 5 <= MAX_TRANSACTION_WRITES
      const undo = whole ? undefined : this.#counts.begin(repository, record.refs, 'undo')
      const outcome = await this.#table.transact([
        {
          delete: manifestKey(repository, digest),
          when: { equals: { version: record.version, ...idle } },
        },
        ...untag,
        ...(record.subject ? [{ delete: referrerKey(repository, record.subject, digest) }] : []),
        ...(record.bodyKey
          ? [
              putSweep(this.#clock.now() + objectGrace(this.#policy), {
                kind: 'object',
                key: record.bodyKey,
              }),
            ]
          : []),
        ...(undo ? undo.writes : this.#counts.lower(repository, record.refs)),
      ])
      if (!outcome.ok) return undefined
      if (undo) await this.#counts.undo(repository, undo.id)
      return true
    })
  }

  /**
   * The writes that untag a manifest, few enough to join its delete. More tags than that are removed beforehand; whoever
   * tags it meanwhile changes its version, then `undefined`, and the delete is tried again.
   */
  async #untagMost(
    repository: RepositoryName,
    digest: Digest,
    version: number,
  ): Promise<Write[] | undefined> {
    // A row seen as stale may be so no longer: without it the tag would outlive the manifest.
    const untouched: Write = {
      check: manifestKey(repository, digest),
      when: { equals: { version } },
    }
    const prefix = taggedPrefix(digest)
    for (;;) {
      const page = await this.#table.query(repositoryPk(repository), { prefix, limit: 45 })
      const tags = page.records.map((record) => record.sk.slice(prefix.length) as Tag)
      const items = await inBatches(
        this.#table,
        tags.map((tag) => tagKey(repository, tag)),
      )
      const writes = tags.flatMap((tag, at): Write[] => {
        const item = items[at]
        const names = item !== undefined && tagRecord(item).digest === digest
        return [
          { delete: taggedKey(repository, digest, tag) },
          ...(names
            ? [{ delete: tagKey(repository, tag), when: { equals: { digest } } } as const]
            : []),
        ]
      })
      if (page.next === undefined && writes.length <= 40) return writes
      const outcome = await this.#table.transact([...writes, untouched])
      if (!outcome.ok && outcome.failed.includes(writes.length)) return undefined
    }
  }
}
