/** The parts that a registry consists of: what they say of themselves, what they left in records, what was asked of them. */
import type { Clock } from '../ports/clock.ts'
import type { Table, Write } from '../ports/table.ts'
import { MAX_PAGE_RECORDS } from '../ports/table-limits.ts'
import { PARTS, partKey } from '../records/keys.ts'
import { partRecord, type PartRecord } from '../records/part-record.ts'
import { answerInTime } from './answer-in-time.ts'
import type { Health } from './health.ts'

/** What a door knows to be there. */
export interface KnownPart {
  readonly name: string
  /** The check that says whether it works; without one its record says it. */
  readonly check?: string
  /** Asked whenever the parts are listed. Throws where it does not work; answers what went wrong although it does. */
  readonly state?: () => Promise<string | undefined>
  /** When one of its members last worked, as records say that every process reads. */
  readonly workedAt?: (member: string) => Promise<number | undefined>
  /** It does its work again and again, and is well when that went well last. */
  readonly runs?: boolean
  /** It is not there any more, whatever records it left. */
  readonly removed?: boolean
}

export interface PartState {
  readonly name: string
  readonly ready: boolean
  readonly startedAt: number
  readonly restarts: number
  readonly lastError: string | undefined
  readonly lastErrorAt: number | undefined
}

/** An error is written down at most so often by one process: whatever fails, fails often. */
const ERROR_INTERVAL = 10_000

/** How long a part that works only when it is needed counts as failing: nobody may need it again. */
const FAILURE_STANDS_MS = 5 * 60_000

/** The same at least, where whoever tells of it knows for how long it will not be asked: whoever looks must have time to see it. */
const LEAST_MS = 30_000

const MAX_ERROR_CHARACTERS = 500

const FAILURE = ['lastError', 'lastErrorAt', 'failsUntil']

export interface PartFailure {
  /** Names no secret. */
  readonly problem: string
  /** Until when it will not be asked; milliseconds since the epoch. */
  readonly until?: number
}

interface Said {
  readonly problem?: string | undefined
  readonly note?: string | undefined
}

export class RegistryParts {
  readonly #table: Table
  readonly #clock: Clock
  readonly #known: readonly KnownPart[]
  readonly #health: Health
  readonly #began: number
  readonly #toldAt = new Map<string, number>()

  constructor(table: Table, clock: Clock, known: readonly KnownPart[], health: Health) {
    this.#table = table
    this.#clock = clock
    this.#known = known
    this.#health = health
    this.#began = clock.now()
  }

  /** `lifeMs`: by when it says that it `lives`, or is gone. Without it nobody expects that of it, whatever it said before. */
  async started(part: string, lifeMs?: number): Promise<void> {
    const now = this.#clock.now()
    const update = partKey(part)
    const add = { starts: 1 }
    await this.#write(
      lifeMs === undefined
        ? { update, set: { startedAt: now }, add, remove: ['livesUntil'] }
        : { update, set: { startedAt: now, livesUntil: now + lifeMs }, add },
    )
  }

  /** Of several that are one part, as long as one does. */
  async lives(part: string, lifeMs: number): Promise<void> {
    await this.#write({ update: partKey(part), set: { livesUntil: this.#clock.now() + lifeMs } })
  }

  /** It did what it is there for, and nothing failed. */
  async ran(part: string): Promise<void> {
    const set = { lastRunAt: this.#clock.now() }
    await this.#write({ update: partKey(part), set, remove: FAILURE })
  }

  /** `member`: of several of a kind, the one that fails. Whoever fails need not wait for this. */
  async failed(part: string, { problem, until }: PartFailure, member?: string): Promise<void> {
    const key = partKey(part, member)
    const now = this.#clock.now()
    if (now - (this.#toldAt.get(key.sk) ?? -ERROR_INTERVAL) < ERROR_INTERVAL) return
    this.#toldAt.set(key.sk, now)
    const failsUntil =
      until === undefined ? now + FAILURE_STANDS_MS : Math.max(until, now + LEAST_MS)
    const lastError = problem.slice(0, MAX_ERROR_CHARACTERS)
    const set = { lastError, lastErrorAt: now, failsUntil }
    await this.#write({ update: key, set })
  }

  /** What this process said to fail works again. Costs nothing where it said nothing. */
  async works(part: string, member?: string): Promise<void> {
    const key = partKey(part, member)
    if (!this.#toldAt.delete(key.sk)) return
    await this.#write({ update: key, remove: FAILURE })
  }

  /** Of a part that hears of both: why a member fails, or nothing where it works again. */
  tell(part: string, member: string, failure: PartFailure | undefined): Promise<void> {
    return failure === undefined ? this.works(part, member) : this.failed(part, failure, member)
  }

  /** A record of a part that cannot be written stops no part: a server on a full disk serves what it has. */
  async #write(write: Write): Promise<void> {
    await this.#table.transact([write]).catch(() => undefined)
  }

  /** Those that are known and those that left records, by name. */
  async list(): Promise<readonly PartState[]> {
    const [results, records, said] = await Promise.all([
      this.#health.results(),
      this.#records(),
      this.#ask(),
    ])
    const known = new Map(this.#known.map((part) => [part.name, part]))
    const names = [...new Set([...known.keys(), ...records.keys()])].toSorted()
    const there = names.filter((name) => known.get(name)?.removed !== true)
    const states = there.map((name) => {
      const part = known.get(name) ?? { name }
      const checked = results.find((result) => result.name === part.check)
      const { problem = checked?.problem, note } = said.get(name) ?? {}
      return this.#stateOf(part, records.get(name) ?? [], { problem, note })
    })
    return Promise.all(states)
  }

  async #stateOf(
    part: KnownPart,
    records: readonly PartRecord[],
    { problem, note }: Said,
  ): Promise<PartState> {
    const now = this.#clock.now()
    const own = records.find(({ member }) => member === undefined)
    const last = records
      .filter(({ lastError }) => lastError !== undefined)
      .toSorted((one, other) => (other.lastErrorAt ?? 0) - (one.lastErrorAt ?? 0))[0]
    const runs = part.runs ?? own?.lastRunAt !== undefined
    const fails = await Promise.all(records.map((record) => this.#fails(part, runs, record)))
    const wrong = problem ?? silence(own, now)
    const told = wrong ?? note
    return {
      name: part.name,
      ready: wrong === undefined && !fails.includes(true),
      startedAt: own?.startedAt ?? this.#began,
      restarts: Math.max(0, (own?.starts ?? 1) - 1),
      lastError: told ?? last?.lastError,
      lastErrorAt: told === undefined ? last?.lastErrorAt : now,
    }
  }

  async #fails(part: KnownPart, runs: boolean, record: PartRecord): Promise<boolean> {
    const { member, lastError, lastErrorAt = 0, failsUntil = 0 } = record
    if (lastError === undefined) return false
    if (runs) return true
    if (failsUntil <= this.#clock.now()) return false
    const workedAt = member === undefined ? undefined : await part.workedAt?.(member)
    return (workedAt ?? 0) <= lastErrorAt
  }

  async #ask(): Promise<ReadonlyMap<string, Said>> {
    const asked = this.#known.map(async ({ name, state }): Promise<readonly [string, Said]> => {
      if (!state) return [name, {}]
      try {
        return [name, { note: await answerInTime(state()) }]
      } catch (error) {
        return [name, { problem: error instanceof Error ? error.message : String(error) }]
      }
    })
    return new Map(await Promise.all(asked))
  }

  async #records(): Promise<ReadonlyMap<string, readonly PartRecord[]>> {
    // A table that fails is told of by its check.
    const page = await this.#table.query(PARTS, { limit: MAX_PAGE_RECORDS }).catch(() => undefined)
    return Map.groupBy(page?.records.map(partRecord) ?? [], ({ part }) => part)
  }
}

/** Who dies does not say so. */
function silence(own: PartRecord | undefined, now: number): string | undefined {
  const late = now - (own?.livesUntil ?? Infinity)
  if (late < 0) return undefined
  return `no sign of life, which was due ${Math.floor(late / 1000)} s ago`
}
