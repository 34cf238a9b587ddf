/**
 * A blob on its way from an upstream (`fill#<within>#<digest>`). One holder at a time moves its bytes into an upload; the
 * upload outlives him, and whoever comes next goes on with it.
 */
import type { Item } from '../ports/table.ts'
import { projectOf, type ProjectName, type RepositoryName } from '../repository-name.ts'

export interface FillRecord {
  /**
   * The project, where it caches the upstream. Imported images of one project may come from different upstreams, and be
   * different people's: each has its repository's own.
   */
  readonly within: ProjectName | RepositoryName
  readonly repository: RepositoryName
  /** Of the upload in that repository. */
  readonly upload: string
  /** How many uploads of it came to nothing: then the record outlives its end, for whoever had read of one. */
  readonly drops: number
  /** Bytes of the whole blob. */
  readonly size: number
  /** Random; each one who takes the fill over has another. */
  readonly holder: string
  /** Its process, where that has a name (`policy.ts`). */
  readonly claimedBy: string
  /** Until then the holder may be at work; milliseconds since the epoch. */
  readonly until: number
  /** When somebody last asked that it be done; milliseconds since the epoch. */
  readonly requestedAt: number
  /** When the upstream last said that it has no such blob; milliseconds since the epoch, 0 where it did not. */
  readonly lackedAt: number
}

export const fillRecord = (item: Item): FillRecord => ({
  within:
    (item.within as RepositoryName | undefined) ?? projectOf(item.repository as RepositoryName),
  repository: item.repository as RepositoryName,
  upload: item.upload as string,
  drops: (item.drops as number | undefined) ?? 0,
  size: item.size as number,
  holder: item.holder as string,
  claimedBy: item.claimedBy as string,
  until: item.until as number,
  requestedAt: item.requestedAt as number,
  lackedAt: (item.lackedAt as number | undefined) ?? 0,
})
