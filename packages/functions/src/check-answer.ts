/** One step of a check, as the sweep function answers it. */
import type { CheckStepped } from '@sluice/core/services/check-steps'
import type { Problem, ProblemKind } from '@sluice/core/services/check/problem'

export interface ToldProblem {
  readonly kind: ProblemKind
  readonly where: string
  readonly detail: string
  /** A check with `repair` can put it right. */
  readonly repairable: boolean
}

export interface CheckAnswer {
  readonly task: 'check'
  readonly deep: boolean
  readonly repair: boolean
  readonly finished: boolean
  /** Another invocation is at this check, or has taken it over. */
  readonly elsewhere?: true
  /** That this check took so far. */
  readonly steps?: number
  readonly repositories?: number
  readonly blobs?: number
  readonly objects?: number
  /** What is wrong at the end: how much of it, and the first 500; the log has all. */
  readonly problemCount?: number
  readonly problems?: readonly ToldProblem[]
  readonly repairedCount?: number
  readonly repaired?: readonly ToldProblem[]
}

/** An answer has 6 MB at most. */
const MAX_TOLD = 500

export function checkAnswer(
  asked: { readonly deep: boolean; readonly repair: boolean },
  stepped: CheckStepped,
): CheckAnswer {
  const begun = { task: 'check', ...asked } as const
  switch (stepped.outcome) {
    case 'elsewhere':
      return { ...begun, finished: false, elsewhere: true }
    case 'unfinished':
      return { ...begun, finished: false, steps: stepped.steps }
    case 'finished': {
      const { steps, checked } = stepped
      const { problems, repaired, ...counts } = checked
      return {
        ...begun,
        finished: true,
        steps,
        ...counts,
        problemCount: problems.length,
        problems: problems.slice(0, MAX_TOLD).map(toldProblem),
        repairedCount: repaired.length,
        repaired: repaired.slice(0, MAX_TOLD).map(toldProblem),
      }
    }
  }
}

export const toldProblem = ({ kind, where, detail, repair }: Problem): ToldProblem => ({
  kind,
  where,
  detail,
  repairable: repair !== undefined,
})
