/**
 * References of a manifest that names more blobs than one transaction can count (`pending#<id>`). Of `refs`, the first
 * `held` have a reference counted for this record. `put` climbs until the manifest takes them over; `undo` climbs down
 * and never turns back, so that the sweeper and a slow pusher cannot both believe to own them.
 */
import type { Digest } from '../digest.ts'
import type { Item } from '../ports/table.ts'

export interface PendingRecord {
  readonly refs: readonly Digest[]
  readonly held: number
  readonly mode: 'put' | 'undo'
}

export const pendingRecord = (item: Item): PendingRecord => ({
  refs: item.refs as readonly Digest[],
  held: item.held as number,
  mode: item.mode as 'put' | 'undo',
})
