/** A blob (`blob#<digest> meta`) and its link in a repository (`blob#<digest>` there): without the link it is invisible. */
import type { Item } from '../ports/table.ts'

export interface BlobRecord {
  readonly size: number
  /** The object in the blob store. */
  readonly key: string
  /** Repositories that link it; at 0 the sweeper takes the record, then the bytes. */
  readonly links: number
}

export interface LinkRecord {
  readonly size: number
  readonly key: string
  /** Manifests of this repository that name it, and pending records that hold it for one. */
  readonly refs: number
  /** When it was last pushed, mounted, kept by a HEAD, or lost a reference; grace counts from here. Milliseconds. */
  readonly touchedAt: number
}

export const blobRecord = (item: Item): BlobRecord => ({
  size: item.size as number,
  key: item.key as string,
  links: item.links as number,
})

export const linkRecord = (item: Item): LinkRecord => ({
  size: item.size as number,
  key: item.key as string,
  refs: item.refs as number,
  touchedAt: item.touchedAt as number,
})
