/**
 * Work to look at when it is due (`sweep#<shard> <due>#<id>`), written in the transaction that made it due. Looking
 * twice, or at something that is gone or alive again, does no harm: each kind decides by what it finds.
 */
import type { Digest } from '../digest.ts'
import type { Item, Key, Write } from '../ports/table.ts'
import type { RepositoryName } from '../repository-name.ts'
import { SWEEP_PREFIX, randomId } from './keys.ts'

export type SweepWork =
  | {
      readonly kind: 'links'
      readonly repository: RepositoryName
      readonly digests: readonly Digest[]
    }
  | { readonly kind: 'blob'; readonly digest: Digest }
  /** `begun`: half of it may be an upload that no record names. */
  | { readonly kind: 'object'; readonly key: string; readonly begun?: true }
  | { readonly kind: 'upload'; readonly repository: RepositoryName; readonly id: string }
  | { readonly kind: 'pending'; readonly repository: RepositoryName; readonly id: string }
  | {
      readonly kind: 'body'
      readonly repository: RepositoryName
      readonly digest: Digest
      readonly key: string
    }
  /** `until`: when no push can be under way any more that saw the repository; milliseconds since the epoch. */
  /** A record that is good until the time that it says (`until`), and then nobody's. */
  | { readonly kind: 'passing'; readonly partition: string }
  | { readonly kind: 'removal'; readonly repository: RepositoryName; readonly until: number }

export const SWEEP_SHARDS = 8
export const sweepPk = (shard: number): string => SWEEP_PREFIX + shard

/** Fifteen digits of milliseconds: the order of the keys is the order of time until the year 33658. */
const dueText = (due: number): string => String(Math.max(0, Math.floor(due))).padStart(15, '0')
export const dueOf = (sk: string): number => Number(sk.slice(0, 15))

export function sweepKey(due: number): Key {
  const id = randomId()
  return { pk: sweepPk(parseInt(id.slice(0, 2), 16) % SWEEP_SHARDS), sk: `${dueText(due)}#${id}` }
}

export const sweepItem = (work: SweepWork): Item => ({ ...work })

/** `due`: milliseconds since the epoch. */
export const putSweep = (due: number, work: SweepWork): Write => ({
  put: sweepKey(due),
  item: sweepItem(work),
})

export const sweepWork = (item: Item): SweepWork => item as unknown as SweepWork
