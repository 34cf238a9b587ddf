/**
 * A tag (`tag#<tag>`). Beside it `tagged#<digest>#<tag>` says which tags may name a manifest: every tag has its row, a
 * row may be stale, so whoever follows one looks at the tag.
 */
import type { Digest } from '../digest.ts'
import type { Item } from '../ports/table.ts'
import { tagSource, type TagSource } from './image-source.ts'

export interface TagRecord {
  readonly digest: Digest
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
  /** Of a tag that was read from an upstream. */
  readonly cached: CachedTag | undefined
}

/** Times in milliseconds since the epoch. */
export interface CachedTag {
  /** When the upstream last said what it names. */
  readonly checkedAt: number
  /** Until then it is believed. */
  readonly freshUntil: number
  /** What the upstream says that it names, first seen then, while that is too new to be served. */
  readonly next: { readonly digest: Digest; readonly seenAt: number } | undefined
  /** Of an imported tag; others have it from the upstream that their project caches, by its own name. */
  readonly from: TagSource | undefined
}

export const tagRecord = (item: Item): TagRecord => ({
  digest: item.digest as Digest,
  updatedAt: item.updatedAt as number,
  cached: item.checkedAt === undefined ? undefined : cachedTag(item),
})

const cachedTag = (item: Item): CachedTag => ({
  checkedAt: item.checkedAt as number,
  freshUntil: item.freshUntil as number,
  next:
    item.nextDigest === undefined
      ? undefined
      : { digest: item.nextDigest as Digest, seenAt: item.nextSeenAt as number },
  from: tagSource(item.from),
})

export const cachedTagItem = ({ checkedAt, freshUntil, next, from }: CachedTag): Item => ({
  checkedAt,
  freshUntil,
  ...(next ? { nextDigest: next.digest, nextSeenAt: next.seenAt } : {}),
  ...(from ? { from: { ...from } } : {}),
})
