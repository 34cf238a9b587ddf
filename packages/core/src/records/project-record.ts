/** A project (`project#<project> meta`, and `projects <project>` for listing). */
import type { Item } from '../ports/table.ts'

export interface ProjectRecord {
  /** Anyone may pull. */
  readonly public: boolean
  /** Repositories of more than two levels are allowed. */
  readonly deepNames: boolean
  readonly createdAt: number
}

export const projectRecord = (item: Item): ProjectRecord => ({
  public: item.public === true,
  deepNames: item.deepNames === true,
  createdAt: item.createdAt as number,
})
