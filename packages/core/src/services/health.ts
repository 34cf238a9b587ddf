/** Whether the parts that a registry stands on work, asked of themselves. */
import type { Clock } from '../ports/clock.ts'
import { answerInTime } from './answer-in-time.ts'

export interface HealthCheck {
  readonly name: string
  /** While it fails, the registry takes no requests (where somebody watches it). */
  readonly gates: boolean
  /** Throws when the part does not work; the message is for whoever asks, and names no secret. */
  readonly check: () => Promise<unknown>
}

export interface CheckResult {
  readonly name: string
  readonly gates: boolean
  /** `undefined`: it works. */
  readonly problem: string | undefined
}

/** As OpenShift's registry watches its storage. */
export const WATCH_INTERVAL = 10_000

/** Whoever asks more often gets the same answers: anybody may ask, and a question may cost money. */
const MAX_AGE = 1000

export class Health {
  readonly #checks: readonly HealthCheck[]
  readonly #clock: Clock
  #asked: { readonly at: number; readonly results: Promise<readonly CheckResult[]> } | undefined
  #failing: CheckResult | undefined
  #watched = false

  constructor(checks: readonly HealthCheck[], clock: Clock) {
    this.#checks = checks
    this.#clock = clock
  }

  /** In the order of the checks. */
  results(): Promise<readonly CheckResult[]> {
    const now = this.#clock.now()
    if (this.#asked === undefined || now - this.#asked.at >= MAX_AGE) {
      this.#asked = { at: now, results: this.#ask() }
    }
    return this.#asked.results
  }

  /** Of a registry that is watched: what must work before anything else can, and did not when it was last asked. */
  get failing(): CheckResult | undefined {
    return this.#failing
  }

  /** Asks every ten seconds from now on; `told` of each part that begins or ceases to fail. The answer ends it. */
  watch(told: (result: CheckResult) => void): () => void {
    this.#watched = true
    const before = new Map<string, boolean>()
    const ask = async (): Promise<void> => {
      for (const result of await this.results()) {
        const fails = result.problem !== undefined
        if (fails !== (before.get(result.name) ?? false)) told(result)
        before.set(result.name, fails)
      }
    }
    void ask()
    const timer = setInterval(() => void ask(), WATCH_INTERVAL)
    return () => clearInterval(timer)
  }

  async #ask(): Promise<readonly CheckResult[]> {
    const results = await Promise.all(this.#checks.map(resultOf))
    if (this.#watched) {
      this.#failing = results.find(({ gates, problem }) => gates && problem !== undefined)
    }
    return results
  }
}

async function resultOf({ name, gates, check }: HealthCheck): Promise<CheckResult> {
  try {
    await answerInTime(check())
    return { name, gates, problem: undefined }
  } catch (error) {
    return { name, gates, problem: error instanceof Error ? error.message : String(error) }
  }
}
