/**
 * The sweep function: removes what is due, each time that its schedule calls it; asked with `{"task": "check"}` it takes
 * one step of a check instead. Either ends by itself before its time does, and the next call goes on. A deployment asks it
 * with `{"task": "upstreams"}` to bring the upstreams to what the settings say.
 */
import { cloudSettings } from '@sluice/adapters/aws/cloud-settings'
import type { CloudWing } from '@sluice/adapters/aws/cloud-wing'
import { kept } from '@sluice/adapters/aws/kept'
import type { Identity } from '@sluice/core/ports/identity-provider'
import { CheckSteps } from '@sluice/core/services/check-steps'
import { upstreamDraft } from '@sluice/http/apis/upstream-draft'
import { checkAnswer, toldProblem, type CheckAnswer } from './check-answer.ts'
import { checkStateForm } from './check-state-form.ts'
import { doorMeter } from './door-meter.ts'
import { log } from './log.ts'
import { openWing } from './open-wing.ts'
import { parseSweepTask, type SweepTask } from './sweep-task.ts'
import { timeLeft, type Deadline } from './time-left.ts'

export interface SweepAnswer {
  readonly task: 'sweep'
  /** False when more may be due: it had no more time. */
  readonly finished: boolean
  readonly looked: number
  readonly links: number
  readonly blobs: number
  readonly bytes: number
  readonly objects: number
  readonly uploads: number
}

export interface UpstreamsAnswer {
  readonly task: 'upstreams'
  readonly upstreams: readonly string[]
}

/** Whoever deploys a registry owns it. */
const OWNER: Identity = { user: 'system:admin', groups: ['system:masters'] }

/** Milliseconds by which two machines' clocks may differ. */
const CLOCKS_DIFFER = 5000

const clock = { now: () => Date.now() }
const { meter, told } = doorMeter('sweep')

/** Opened by the first event; its connections last as long as the environment. */
const wing = kept(async () => openWing(cloudSettings(process.env), clock, { metrics: meter }))

/**
 * Throws a TypeError for an event that asks for something else; an `Error` when pieces of a sweep failed, which are
 * in the log and stay due; an `ObjectError` for an upstream that is none; and whatever the engines throw.
 */
export const handler = told(
  async (
    event: unknown,
    deadline: Deadline,
  ): Promise<SweepAnswer | CheckAnswer | UpstreamsAnswer> => {
    const task = parseSweepTask(event)
    if (task.task === 'upstreams') return applyUpstreams(await wing(), task.upstreams)
    if (task.task === 'check') return check(await wing(), deadline, task)
    return sweep(await wing(), deadline)
  },
)

async function sweep({ registry, parts }: CloudWing, deadline: Deadline): Promise<SweepAnswer> {
  const { stop } = timeLeft(deadline)
  let finished = true
  const evicted = await registry.evictions.evict(stop)
  if (evicted.images > 0) log.info('evicted from caches', { ...evicted })
  const { errors, ...swept } = await registry.sweeper.sweep({
    stop: () => {
      if (!stop()) return false
      finished = false
      return true
    },
  })
  const answer: SweepAnswer = { task: 'sweep', finished, ...swept }
  log.info('swept', { ...answer, errors: errors.length })
  for (const error of errors) log.error('a piece of sweeping failed', { task: 'sweep' }, error)
  if (errors.length > 0) {
    const problem = `pieces of sweeping failed and stay due: ${errors.length}`
    await parts.failed('sweep', { problem })
    throw new Error(problem)
  }
  await parts.ran('sweep')
  return answer
}

async function check(
  { registry, table, store }: CloudWing,
  deadline: Deadline,
  { deep, repair }: Extract<SweepTask, { readonly task: 'check' }>,
): Promise<CheckAnswer> {
  const { whole, stop } = timeLeft(deadline)
  const steps = new CheckSteps({ table, store, clock }, registry.checker, checkStateForm)
  const lease = whole + CLOCKS_DIFFER
  const stepped = await steps.step({ deep, repair, lease, stop })
  const answer = checkAnswer({ deep, repair }, stepped)
  const { problems: _, repaired: __, ...counts } = answer
  log[answer.problemCount ? 'warn' : 'info']('checked', counts)
  if (stepped.outcome !== 'finished') return answer
  for (const one of stepped.checked.repaired) log.info('repaired', { ...toldProblem(one) })
  for (const one of stepped.checked.problems) log.warn('wrong', { ...toldProblem(one) })
  return answer
}

async function applyUpstreams(
  { registry }: CloudWing,
  objects: readonly unknown[],
): Promise<UpstreamsAnswer> {
  const drafts = objects.map(upstreamDraft)
  await registry.upstreams.apply(OWNER, drafts, false)
  const answer = { task: 'upstreams', upstreams: drafts.map(({ name }) => name) } as const
  log.info('upstreams are as the settings say', answer)
  return answer
}
