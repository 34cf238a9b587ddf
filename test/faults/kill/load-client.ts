/** One client of the load: where it sends, what it draws, what it writes down. */
import { ask, errorCodes, type Answer, type Ask, type Door } from '../ask.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { Ledger } from './ledger.ts'

export class LoadClient {
  readonly ledger: Ledger
  readonly random: SeededRandom
  /** The repositories in use. */
  readonly repositories: readonly string[]
  /** Different in every client of every round: what it names is nobody else's. */
  readonly name: string
  readonly #door: Door
  readonly #surprises: string[]
  readonly #answered: Map<string, number>
  #drawn = 0

  constructor(options: {
    readonly door: Door
    readonly ledger: Ledger
    readonly random: SeededRandom
    readonly repositories: readonly string[]
    readonly name: string
    readonly surprises: string[]
    readonly answered: Map<string, number>
  }) {
    this.#door = options.door
    this.ledger = options.ledger
    this.random = options.random
    this.repositories = options.repositories
    this.name = options.name
    this.#surprises = options.surprises
    this.#answered = options.answered
  }

  fresh(): string {
    return `${this.name}-${++this.#drawn}`
  }

  repository(): string {
    return this.random.pick(this.repositories) ?? ''
  }

  surprise(what: string): void {
    this.#surprises.push(what)
  }

  /** `expected`: statuses, with the one code of an error (`404 BLOB_UNKNOWN`); any other answer fails the test. */
  async send(
    method: string,
    path: string,
    expected: readonly string[],
    options: Ask = {},
  ): Promise<Answer> {
    const answer = await ask(this.#door, method, path, options)
    const codes = [...new Set(errorCodes(answer))]
    const told = [answer.status, ...codes].join(' ')
    const kind = `${method} ${/manifests|uploads|blobs/.exec(path)?.[0] ?? path} ${told}`
    this.#answered.set(kind, (this.#answered.get(kind) ?? 0) + 1)
    if (!expected.includes(told)) {
      this.surprise(`${method} ${path}: ${told} ${answer.body.toString().slice(0, 300)}`)
    }
    return answer
  }
}
