/**
 * A tag (`tag#<tag>`). Beside it `tagged#<digest>#<tag>` says which tags may name a manifest: every tag has its row, a
 * row may be stale, so whoever follows one looks at the tag.
 */
import type { Digest } from '../digest.ts'
import type { Item } from '../ports/table.ts'

export interface TagRecord {
  readonly digest: Digest
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
}

export const tagRecord = (item: Item): TagRecord => ({
  digest: item.digest as Digest,
  updatedAt: item.updatedAt as number,
})
