/** Work that one process does for all (`lease#<name>`). */
import type { Item } from '../ports/table.ts'

export interface LeaseRecord {
  /** Random; each one who takes the lease has another. */
  readonly holder: string
  /** Its process, where that has a name (`policy.ts`). */
  readonly claimedBy: string
  /** Until then the holder may be at work; milliseconds since the epoch. */
  readonly until: number
}

export const leaseRecord = (item: Item): LeaseRecord => ({
  holder: item.holder as string,
  claimedBy: item.claimedBy as string,
  until: item.until as number,
})
