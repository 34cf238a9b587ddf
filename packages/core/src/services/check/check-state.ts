/**
 * How far a check is, as one plain value (a structured clone of it is as good): whoever is given it goes on, in this
 * process or another.
 */
import type { Problem } from './problem.ts'
import { newWalk, type WalkState } from './walk-state.ts'

/** Grows with every change of these shapes: a program never goes on from another one's state. */
const FORMAT = 2

/** What was found by a walk; `problems` not yet confirmed after the first of two. */
export interface Found {
  readonly problems: readonly Problem[]
  readonly repositories: number
  readonly blobs: number
  readonly objects: number
}

export type Stage =
  /** `seen`: the problems of the first walk (`identityOf`), in the walk that confirms them. */
  | {
      readonly at: 'walk'
      readonly walk: WalkState
      readonly seen: ReadonlySet<string> | undefined
    }
  | { readonly at: 'pause'; readonly seen: ReadonlySet<string> }
  /** `next`: the first that nobody has tried to put right. */
  | { readonly at: 'repairs'; readonly problems: readonly Problem[]; next: number }

export interface CheckState {
  readonly format: number
  readonly deep: boolean
  readonly repair: boolean
  /** From 1; one repair may bring to light what another must follow. */
  round: number
  readonly repaired: Problem[]
  /** Objects never change: once right, always right. */
  readonly sound: Set<string>
  /** In the table at the end of the last walk. */
  records: number | undefined
  stage: Stage
}

/** `now`: milliseconds since the epoch. */
export const newCheck = (deep: boolean, repair: boolean, now: number): CheckState => ({
  format: FORMAT,
  deep,
  repair,
  round: 1,
  repaired: [],
  sound: new Set(),
  records: undefined,
  stage: { at: 'walk', walk: newWalk(now), seen: undefined },
})

/** Whether this program wrote it, so that it can go on from it. */
export const isCheckState = (value: unknown): value is CheckState =>
  typeof value === 'object' && value !== null && 'format' in value && value.format === FORMAT
