/** How far one walk is, and what it has gathered so far. */
import { nothingGathered, type Gathered } from './gathered.ts'

export interface WalkState {
  /** Milliseconds since the epoch: uploads that were touched later are left out, and repairs carry this time. */
  readonly startedAt: number
  step: 'records' | 'objects' | 'uploads' | 'bytes' | 'end'
  /** The cursor of the step's next page. */
  after: string | undefined
  /** Seen so far. */
  records: number
  gathered: Gathered
  /** Of the objects that records name, in their order, so many have been looked into. */
  hashed: number
  /** Of the next one so many bytes have been read, and this is their hash, saved. */
  partial: { readonly offset: number; readonly saved: Uint8Array } | undefined
  /** Bytes that were read, and that are to be read in all. */
  readonly bytes: { done: number; total: number }
}

export const newWalk = (now: number): WalkState => ({
  startedAt: now,
  step: 'records',
  after: undefined,
  records: 0,
  gathered: nothingGathered(),
  hashed: 0,
  partial: undefined,
  bytes: { done: 0, total: 0 },
})
