/** What was found so far: each probe holds, does not, or was left out and says why. */
import { FIXES, type ProbeName } from './fixes.ts'

export interface Finding {
  readonly probe: ProbeName
  readonly outcome: 'fails' | 'holds' | 'left out'
  readonly detail: string
  /** Of one that fails: where to look. */
  readonly fix?: string
}

/** What a probe throws that found something else than it should. */
export class Broken extends Error {
  override readonly name = 'Broken'
}

export class Examination {
  readonly #findings: Finding[] = []
  readonly #tell: (finding: Finding) => void

  /** `tell` hears of each finding when it is made. */
  constructor(tell: (finding: Finding) => void) {
    this.#tell = tell
  }

  get findings(): readonly Finding[] {
    return this.#findings
  }

  /** `look` answers what it saw, and throws where that is not as it should be. */
  async probe(probe: ProbeName, look: () => Promise<string>): Promise<boolean> {
    try {
      this.#add({ probe, outcome: 'holds', detail: await look() })
      return true
    } catch (error) {
      if (!(error instanceof Error)) throw error
      this.#add({ probe, outcome: 'fails', detail: error.message, fix: FIXES[probe] })
      return false
    }
  }

  leaveOut(probes: readonly ProbeName[], detail: string): void {
    for (const probe of probes) this.#add({ probe, outcome: 'left out', detail })
  }

  #add(finding: Finding): void {
    this.#findings.push(finding)
    this.#tell(finding)
  }
}
