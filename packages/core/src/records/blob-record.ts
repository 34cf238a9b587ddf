/**
 * A blob (`blob#<digest> meta`) and its link in a repository (`blob#<digest>` there): without the link it is invisible. A
 * repository that caches another has links of blobs that were not fetched yet; those have no blob, and are `remote`.
 */
import type { Item } from '../ports/table.ts'
import { imageSource, sourceItem, type ImageSource } from './image-source.ts'

export interface BlobRecord {
  readonly size: number
  /** The object in the blob store. */
  readonly key: string
  /** Repositories that link it; at 0 the sweeper takes the record, then the bytes. */
  readonly links: number
}

export interface LinkRecord {
  /** Of a blob that was not fetched yet, as its manifest or its upstream says. */
  readonly size: number
  /** `undefined`: the bytes were not fetched yet. */
  readonly key: string | undefined
  /** Manifests of this repository that name it, and pending records that hold it for one. */
  readonly refs: number
  /** When it was last pushed, mounted, kept by a HEAD, or lost a reference; grace counts from here. Milliseconds. */
  readonly touchedAt: number
  /** Of one that was imported and not fetched yet. */
  readonly from: ImageSource | undefined
}

/** A link whose bytes are here. */
export type StoredLink = LinkRecord & { readonly key: string }

export const isStored = (link: LinkRecord): link is StoredLink => link.key !== undefined

/** `touchedAt` in milliseconds. */
export const remoteLinkItem = (
  size: number,
  touchedAt: number,
  from: ImageSource | undefined,
): Item => ({
  size,
  refs: 0,
  touchedAt,
  remote: true,
  ...(from ? { from: sourceItem(from) } : {}),
})

/** What a remote link's record equals, for the write that brings its bytes. */
export const REMOTE = { remote: true } as const

export const blobRecord = (item: Item): BlobRecord => ({
  size: item.size as number,
  key: item.key as string,
  links: item.links as number,
})

export const linkRecord = (item: Item): LinkRecord => ({
  size: item.size as number,
  key: item.key as string | undefined,
  refs: item.refs as number,
  touchedAt: item.touchedAt as number,
  from: imageSource(item.from),
})
