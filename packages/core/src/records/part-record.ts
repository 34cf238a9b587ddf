/** What a part of the registry leaves of itself (`parts`). Times are milliseconds since the epoch. */
import type { TableRecord } from '../ports/table.ts'

export interface PartRecord {
  readonly part: string
  /** `undefined`: the record is of the part as a whole. */
  readonly member: string | undefined
  readonly startedAt: number | undefined
  /** How often it has started. */
  readonly starts: number
  readonly lastRunAt: number | undefined
  /** By when it says again that it lives; `undefined` of a part of which nobody expects it. */
  readonly livesUntil: number | undefined
  readonly lastError: string | undefined
  readonly lastErrorAt: number | undefined
  /** How long it counts as failing, if it says nothing else before. */
  readonly failsUntil: number | undefined
}

export function partRecord({ sk, item }: TableRecord): PartRecord {
  const [part = '', ...member] = sk.split('#')
  return {
    part,
    member: member.length === 0 ? undefined : member.join('#'),
    startedAt: item['startedAt'] as number | undefined,
    starts: (item['starts'] as number | undefined) ?? 0,
    lastRunAt: item['lastRunAt'] as number | undefined,
    livesUntil: item['livesUntil'] as number | undefined,
    lastError: item['lastError'] as string | undefined,
    lastErrorAt: item['lastErrorAt'] as number | undefined,
    failsUntil: item['failsUntil'] as number | undefined,
  }
}
