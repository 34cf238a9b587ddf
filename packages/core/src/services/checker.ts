/**
 * Compares everything the registry has with everything else, while it works. The records are no snapshot: a push or a
 * sweep between two reads looks like damage, so only what a second walk finds unchanged is told.
 *
 *     walk (check/survey) -> gathered -> problems (check/problems-in), twice -> repairs (check/repairs) -> again
 */
import type { BlobStore } from '../ports/blob-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { PortableHashes } from '../ports/portable-hashes.ts'
import type { Table } from '../ports/table.ts'
import { newCheck, type CheckState, type Found } from './check/check-state.ts'
import { ObjectDigests } from './check/object-digests.ts'
import { poolAgain } from './check/pool-again.ts'
import { createPool } from './check/pool.ts'
import { identityOf, type Problem } from './check/problem.ts'
import { problemsIn } from './check/problems-in.ts'
import { Repairs } from './check/repairs.ts'
import { Survey, type OnProgress } from './check/survey.ts'
import { newWalk, type WalkState } from './check/walk-state.ts'

/** One repair may bring to light what another must follow. */
const MAX_ROUNDS = 5
/** Long enough for whatever one request was writing. Milliseconds. */
const PAUSE = 1000

export interface CheckOptions {
  /** Reads and hashes every object and every manifest. */
  readonly deep?: boolean
  readonly repair?: boolean
  /** Between two walks, in milliseconds. */
  readonly pause?: number
  readonly onProgress?: OnProgress
}

/** `deep` and `repair` of a check that is gone on with are those that it began with. */
export interface StepOptions extends CheckOptions {
  /**
   * Asked after each piece of work: a page of records or of objects, a repair, an object's bytes (one piece of them at
   * a time where the registry has portable hashes). True ends the check early; since one piece is done before it is
   * asked, every step gets on. One walk's problems are found in one piece, in memory.
   */
  readonly stop: () => boolean
  /** What a former step answered, or a structured clone of it. It is used up. */
  readonly resume?: CheckState
}

export interface Checked {
  /** What is wrong at the end. */
  readonly problems: readonly Problem[]
  readonly repaired: readonly Problem[]
  readonly repositories: number
  readonly blobs: number
  readonly objects: number
}

export interface Unfinished {
  readonly unfinished: CheckState
}

export class Checker {
  readonly #table: Table
  readonly #store: BlobStore
  readonly #clock: Clock
  readonly #repairs: Repairs
  readonly #digests: ObjectDigests

  /** `hashes`: with them an object's hash is left and gone on with; they are slower than those that cannot be. */
  constructor(table: Table, store: BlobStore, clock: Clock, hashes?: PortableHashes) {
    this.#table = table
    this.#store = store
    this.#clock = clock
    this.#repairs = new Repairs(table, store)
    this.#digests = new ObjectDigests(store, hashes)
  }

  /** In one go, or in steps, whose report is the same. What a port throws ends it; the last state still holds. */
  async check(options?: CheckOptions): Promise<Checked>
  async check(options: StepOptions): Promise<Checked | Unfinished>
  async check(options: CheckOptions & Partial<StepOptions> = {}): Promise<Checked | Unfinished> {
    const { deep = false, repair = false, stop = () => false, resume } = options
    const state = resume ?? newCheck(deep, repair, this.#clock.now())
    const steps = this.#steps(state, options)
    for (;;) {
      const { done, value } = await steps.next()
      if (done) return value
      if (!stop()) continue
      await steps.return(undefined as never)
      return { unfinished: state }
    }
  }

  /** At each yield `state` says all that was done. */
  async *#steps(state: CheckState, options: CheckOptions): AsyncGenerator<void, Checked> {
    const { pause = PAUSE, onProgress = () => undefined } = options
    const pool = createPool()
    if (state.stage.at === 'walk') {
      const { walk } = state.stage
      walk.gathered = poolAgain(walk.gathered, pool)
    }
    const engines = { table: this.#table, store: this.#store, digests: this.#digests }
    const survey = new Survey(engines, state, pool, onProgress)
    for (; ; yield) {
      const { stage } = state
      if (stage.at === 'pause') {
        await new Promise((resolve) => setTimeout(resolve, pause))
        state.stage = { at: 'walk', walk: newWalk(this.#clock.now()), seen: stage.seen }
      } else if (stage.at === 'walk') {
        yield* survey.steps(stage.walk)
        const checked = this.#judge(state, stage)
        if (checked) return checked
      } else {
        for (; stage.next < stage.problems.length; yield) {
          const problem = stage.problems[stage.next++]
          if (problem) await this.#mend(problem, state.repaired)
        }
        state.round++
        state.stage = { at: 'walk', walk: newWalk(this.#clock.now()), seen: undefined }
      }
    }
  }

  /** Decides what follows a walk; answers the report when nothing does. */
  #judge(
    state: CheckState,
    { walk, seen }: { readonly walk: WalkState; readonly seen: ReadonlySet<string> | undefined },
  ): Checked | undefined {
    const found = foundBy(walk)
    if (!seen && found.problems.length > 0) {
      state.stage = { at: 'pause', seen: new Set(found.problems.map(identityOf)) }
      return undefined
    }
    const problems = found.problems.filter((problem) => seen?.has(identityOf(problem)))
    const mends = state.repair && state.round < MAX_ROUNDS
    const mendable = mends ? problems.filter(({ repair }) => repair) : []
    if (mendable.length === 0) return { ...found, problems, repaired: state.repaired }
    state.stage = { at: 'repairs', problems: mendable, next: 0 }
    return undefined
  }

  async #mend(problem: Problem, repaired: Problem[]): Promise<void> {
    if (problem.repair && (await this.#repairs.apply(problem.repair))) repaired.push(problem)
  }
}

function foundBy({ gathered, startedAt }: WalkState): Found {
  return {
    problems: problemsIn(gathered, startedAt),
    repositories: gathered.repositories.size,
    blobs: gathered.blobs.size,
    objects: gathered.objects.size,
  }
}
