/**
 * Compares everything the registry has with everything else, while it works. The records are no snapshot: a push or a
 * sweep between two reads looks like damage, so only what a second walk finds unchanged is told.
 *
 *     walk (check/survey) -> gathered -> problems (check/problems-in), twice -> repairs (check/repairs) -> again
 */
import type { BlobStore } from '../ports/blob-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { Table } from '../ports/table.ts'
import { identityOf, type Problem } from './check/problem.ts'
import { problemsIn } from './check/problems-in.ts'
import { Repairs } from './check/repairs.ts'
import { Survey, type OnProgress } from './check/survey.ts'

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

export interface Checked {
  /** What is wrong at the end. */
  readonly problems: readonly Problem[]
  readonly repaired: readonly Problem[]
  readonly repositories: number
  readonly blobs: number
  readonly objects: number
}

export class Checker {
  readonly #table: Table
  readonly #store: BlobStore
  readonly #clock: Clock
  readonly #repairs: Repairs

  constructor(table: Table, store: BlobStore, clock: Clock) {
    this.#table = table
    this.#store = store
    this.#clock = clock
    this.#repairs = new Repairs(table, store)
  }

  async check({
    deep = false,
    repair = false,
    pause = PAUSE,
    onProgress = () => undefined,
  }: CheckOptions = {}): Promise<Checked> {
    const survey = new Survey(this.#table, this.#store, deep, onProgress)
    const repaired: Problem[] = []
    for (let round = 1; ; round++) {
      const found = await this.#confirmed(survey, pause)
      const mend = repair && round < MAX_ROUNDS ? found.problems.filter((one) => one.repair) : []
      if (mend.length === 0) return { ...found, repaired }
      for (const problem of mend) {
        if (problem.repair && (await this.#repairs.apply(problem.repair))) repaired.push(problem)
      }
    }
  }

  async #confirmed(survey: Survey, pause: number): Promise<Omit<Checked, 'repaired'>> {
    const first = await this.#walk(survey)
    if (first.problems.length === 0) return first
    await new Promise((resolve) => setTimeout(resolve, pause))
    const seen = new Set(first.problems.map(identityOf))
    const second = await this.#walk(survey)
    const problems = second.problems.filter((problem) => seen.has(identityOf(problem)))
    return { ...second, problems }
  }

  async #walk(survey: Survey): Promise<Omit<Checked, 'repaired'>> {
    const now = this.#clock.now()
    const gathered = await survey.walk(now)
    return {
      problems: problemsIn(gathered, now),
      repositories: gathered.repositories.size,
      blobs: gathered.blobs.size,
      objects: gathered.objects.size,
    }
  }
}
