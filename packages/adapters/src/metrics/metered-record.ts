/** Which lines of one environment are in the totals (`metered#<environment>`), written in the transaction that poured them in. */
import type { Item, Write } from '@sluice/core/ports/table'
import { meteredKey } from '@sluice/core/records/keys'
import { parseRanges, rangesText, type Ranges } from './sequence-ranges.ts'

const DAY_MS = 86_400_000

/**
 * Milliseconds: CloudWatch Logs tries for a day to deliver a line, Lambda for some hours more, and what it gives up waits in SQS for
 * fourteen days, until its owner has it counted. What is older is not counted.
 */
export const MOST_LINE_AGE = 16 * DAY_MS

/** After its last line; the table drops it then. */
const KEPT_MS = MOST_LINE_AGE + DAY_MS

export interface MeteredRecord {
  readonly counted: Ranges
  /** Counts its writes. */
  readonly turn: number
}

export const meteredRecord = (item: Item | undefined): MeteredRecord =>
  item
    ? { counted: parseRanges(item.counted as string), turn: item.turn as number }
    : { counted: [], turn: 0 }

/** In the place of the record that was `before`. */
export const putMetered = (
  environment: string,
  before: MeteredRecord,
  counted: Ranges,
  now: number,
): Write => ({
  put: meteredKey(environment),
  item: {
    counted: rangesText(counted),
    turn: before.turn + 1,
    expires: Math.ceil((now + KEPT_MS) / 1000),
  },
  when: before.turn === 0 ? 'absent' : { equals: { turn: before.turn } },
})
