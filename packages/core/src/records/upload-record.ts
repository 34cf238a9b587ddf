/**
 * An upload in progress (`upload#<id>`). Its object key is drawn at the start: while the record stands, the key is its.
 * The record also holds `claim`, random, by which a writer knows its own claim again (`services/upload-claim.ts`).
 */
import type { Algorithm, Digest } from '../digest.ts'
import type { Limit } from '../limits/project-limits.ts'
import type { Item, Value } from '../ports/table.ts'

export interface UploadRecord {
  readonly key: string
  readonly offset: number
  /** The blob store's own. */
  readonly state: Value
  /** What is hashed while bytes stream in. */
  readonly algorithm: Algorithm
  /** Of the bytes so far; absent where the hash was lost with its process. */
  readonly digest: Digest | undefined
  /** The hash of the bytes so far, saved for another process (`ports/portable-hashes.ts`). */
  readonly hash: Uint8Array | undefined
  /** Grows with every write of the record; a writer proceeds only from the version it read. */
  readonly version: number
  /** Until then (milliseconds) one writer owns the upload; 0 when none does. */
  readonly claimedUntil: number
  /** Its process, where that has a name (`policy.ts`). */
  readonly claimedBy: string
  readonly touchedAt: number
  /** Nobody may go on with it; the sweeper removes what may be left of its bytes. */
  readonly ended: boolean
  /** The most bytes that its project let a blob have when it was started; its end reads no project. */
  readonly limit: Limit | undefined
}

export const uploadRecord = (item: Item): UploadRecord => ({
  key: item.key as string,
  offset: item.offset as number,
  state: item.state as Value,
  algorithm: item.algorithm as Algorithm,
  digest: item.digest as Digest | undefined,
  hash: item.hash as Uint8Array | undefined,
  version: item.version as number,
  claimedUntil: item.claimedUntil as number,
  claimedBy: (item.claimedBy as string | undefined) ?? '',
  touchedAt: item.touchedAt as number,
  ended: item.ended === true,
  limit: item.limit as unknown as Limit | undefined,
})
