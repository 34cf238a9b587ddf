import type { Reference } from '../manifest.ts'
import type { Item } from '../ports/table.ts'
import { isStored, linkRecord } from '../records/blob-record.ts'
import type { ImageSource } from '../records/image-source.ts'
import type { Announced } from './blob-links.ts'

/**
 * What a manifest that came from elsewhere announces: blobs without a link. The last manifest's word on the size of what is
 * not here counts: an earlier one may have been wrong.
 */
export function announcedBy(
  blobs: readonly Reference[],
  links: readonly (Item | undefined)[],
  from: ImageSource | undefined,
): readonly Announced[] {
  return blobs.flatMap(({ digest, size }, at): Announced[] => {
    const item = links[at]
    if (!item) return [{ digest, size, from, isLinked: false }]
    const link = linkRecord(item)
    return isStored(link) || link.size === size ? [] : [{ digest, size, from, isLinked: true }]
  })
}
