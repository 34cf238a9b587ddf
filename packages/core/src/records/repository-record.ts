/** A repository (`repo#<project>/<name>`, `meta`): made with its first manifest, and gone when it is removed as a whole. */
import type { Item } from '../ports/table.ts'

export interface RepositoryRecord {
  /** Milliseconds since the epoch; `undefined` of what an older version made. */
  readonly createdAt: number | undefined
  /** Since when it is being removed, and takes no manifests; milliseconds since the epoch. */
  readonly removingSince: number | undefined
  /** Random, and another after each push that a limit counts (`services/limits.ts`); `undefined` where none has yet. */
  readonly turn: string | undefined
}

export const repositoryRecord = (item: Item): RepositoryRecord => ({
  createdAt: item.createdAt as number | undefined,
  removingSince: item.removingSince as number | undefined,
  turn: item.turn as string | undefined,
})
