/** What a part of the registry leaves of itself (`parts`). Times are milliseconds since the epoch. */
import type { Item } from '../ports/table.ts'

export interface PartRecord {
  readonly startedAt: number | undefined
  /** How often it has started. */
  readonly starts: number
  readonly lastRunAt: number | undefined
  readonly lastError: string | undefined
  readonly lastErrorAt: number | undefined
}

export const partRecord = (item: Item): PartRecord => ({
  startedAt: item['startedAt'] as number | undefined,
  starts: (item['starts'] as number | undefined) ?? 0,
  lastRunAt: item['lastRunAt'] as number | undefined,
  lastError: item['lastError'] as string | undefined,
  lastErrorAt: item['lastErrorAt'] as number | undefined,
})
