/**
 * The references of manifests too large to count in one transaction (`records/pending-record.ts`): batches behind a
 * pending record, each a transaction, so that at any moment the records add up and the sweeper can undo the rest.
 */
import type { Digest } from '../digest.ts'
import type { Clock } from '../ports/clock.ts'
import { MAX_TRANSACTION_WRITES } from '../ports/table-limits.ts'
import type { Table, Write } from '../ports/table.ts'
import type { Policy } from '../policy.ts'
import { linkKey, pendingKey, randomId } from '../records/keys.ts'
import { pendingRecord, type PendingRecord } from '../records/pending-record.ts'
import { putSweep } from '../records/sweep-record.ts'
import type { RepositoryName } from '../repository-name.ts'

/** Each batch also moves the pending record and may write sweep work. */
const BATCH = MAX_TRANSACTION_WRITES - 2
/** A push of a large manifest is over by then, or dead. */
const PENDING_LIFE = 3_600_000

export class ReferenceCounts {
  readonly #table: Table
  readonly #clock: Clock
  readonly #policy: Policy

  constructor(table: Table, clock: Clock, policy: Policy) {
    this.#table = table
    this.#clock = clock
    this.#policy = policy
  }

  /** One more reference of each blob; fails where a link is missing. */
  raise(repository: RepositoryName, digests: readonly Digest[]): Write[] {
    return digests.map((digest) => ({
      update: linkKey(repository, digest),
      add: { refs: 1 },
      when: 'present',
    }))
  }

  /** One reference less of each blob, and the sweeper's look at them after their grace. */
  lower(repository: RepositoryName, digests: readonly Digest[]): Write[] {
    if (digests.length === 0) return []
    const now = this.#clock.now()
    return [
      ...digests.map((digest): Write => ({
        update: linkKey(repository, digest),
        add: { refs: -1 },
        set: { touchedAt: now },
        when: 'present',
      })),
      putSweep(now + this.#policy.grace, { kind: 'links', repository, digests }),
    ]
  }

  /** The writes that begin a pending record: with nothing counted yet, or with everything left to take back. */
  begin(
    repository: RepositoryName,
    refs: readonly Digest[],
    mode: PendingRecord['mode'],
  ): { readonly id: string; readonly writes: Write[] } {
    const id = randomId()
    const held = mode === 'put' ? 0 : refs.length
    return {
      id,
      writes: [
        { put: pendingKey(repository, id), item: { refs, held, mode }, when: 'absent' },
        putSweep(this.#clock.now() + PENDING_LIFE, { kind: 'pending', repository, id }),
      ],
    }
  }

  /**
   * Counts all references of `refs` behind a pending record. Answers the write that ends it, for the transaction that
   * puts the manifest; or the digests that are not there (any more), with all counts taken back.
   */
  async hold(
    repository: RepositoryName,
    refs: readonly Digest[],
  ): Promise<
    { readonly id: string; readonly end: Write } | { readonly missing: readonly Digest[] }
  > {
    const { id, writes } = this.begin(repository, refs, 'put')
    await this.#table.transact(writes)
    for (let held = 0; held < refs.length; held += BATCH) {
      const batch = refs.slice(held, held + BATCH)
      const outcome = await this.#table.transact([
        ...this.raise(repository, batch),
        this.#move(repository, id, held, held + batch.length, 'put'),
      ])
      if (outcome.ok) continue
      await this.undo(repository, id)
      return { missing: outcome.failed.flatMap((at) => batch[at] ?? []) }
    }
    const equals = { held: refs.length, mode: 'put' }
    return { id, end: { delete: pendingKey(repository, id), when: { equals } } }
  }

  /** Takes back whatever a pending record still counts, and ends it. Safe for several at once, and again. */
  async undo(repository: RepositoryName, id: string): Promise<void> {
    for (;;) {
      const item = await this.#table.get(pendingKey(repository, id))
      if (!item) return
      const { refs, held, mode } = pendingRecord(item)
      if (mode === 'put') {
        await this.#table.transact([this.#move(repository, id, held, held, 'put', 'undo')])
        continue
      }
      const from = Math.max(0, held - BATCH)
      const batch = refs.slice(from, held)
      const lowered = this.lower(repository, batch)
      const end: Write =
        from === 0
          ? { delete: pendingKey(repository, id), when: { equals: { held, mode } } }
          : this.#move(repository, id, held, from, 'undo')
      const outcome = await this.#table.transact([...lowered, end])
      if (outcome.ok || outcome.failed.includes(lowered.length)) continue
      // A link is gone that a reference should have kept: nothing is left to lower there, and fsck tells.
      const gone = new Set(outcome.failed)
      await this.#table.transact([...lowered.filter((_, at) => !gone.has(at)), end])
    }
  }

  #move(
    repository: RepositoryName,
    id: string,
    from: number,
    to: number,
    mode: PendingRecord['mode'],
    next = mode,
  ): Write {
    return {
      update: pendingKey(repository, id),
      set: { held: to, mode: next },
      when: { equals: { held: from, mode } },
    }
  }
}
