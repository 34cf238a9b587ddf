/** The check that is done in steps, each of which may be another process's (`check meta`); gone when it ends. */
import type { Item } from '../ports/table.ts'

export interface CheckRecord {
  readonly deep: boolean
  readonly repair: boolean
  /** Steps that were taken. */
  readonly steps: number
  /** The object that says how far it is; absent before the first step ends. */
  readonly stateKey: string | undefined
  /** Where the step under way puts its own; half of it may be there when that step is dead. */
  readonly nextKey: string | undefined
  /** Objects of former steps that nobody needs. */
  readonly left: readonly string[]
  /** Until then (milliseconds) one process owns the check; 0 when none does. */
  readonly claimedUntil: number
  /** Drawn anew with every claim and every step; a writer proceeds only from the one it read. */
  readonly turn: string
}

export const checkRecord = (item: Item): CheckRecord => ({
  deep: item.deep === true,
  repair: item.repair === true,
  steps: item.steps as number,
  stateKey: item.stateKey as string | undefined,
  nextKey: item.nextKey as string | undefined,
  left: item.left as readonly string[],
  claimedUntil: item.claimedUntil as number,
  turn: item.turn as string,
})
