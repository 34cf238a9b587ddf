/** The parts that a registry consists of: what they say of themselves, what they left in records, what was asked of them. */
import type { Clock } from '../ports/clock.ts'
import type { Table, Write } from '../ports/table.ts'
import { PARTS, partKey } from '../records/keys.ts'
import { partRecord, type PartRecord } from '../records/part-record.ts'
import type { Health } from './health.ts'

/** What a door knows to be there. */
export interface KnownPart {
  readonly name: string
  /** The check that says whether it works; without one its record says it. */
  readonly check?: string
  /** It does its work again and again, and is well when that went well last. */
  readonly runs?: boolean
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

const MAX_ERROR_CHARACTERS = 500

const MAX_PARTS = 100

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

  async started(part: string): Promise<void> {
    const set = { startedAt: this.#clock.now() }
    await this.#write({ update: partKey(part), set, add: { starts: 1 } })
  }

  /** It did what it is there for, and nothing failed. */
  async ran(part: string): Promise<void> {
    const set = { lastRunAt: this.#clock.now() }
    const remove = ['lastError', 'lastErrorAt']
    await this.#write({ update: partKey(part), set, remove })
  }

  /** `problem` names no secret. Whoever fails need not wait for this. */
  async failed(part: string, problem: string): Promise<void> {
    const now = this.#clock.now()
    if (now - (this.#toldAt.get(part) ?? -ERROR_INTERVAL) < ERROR_INTERVAL) return
    this.#toldAt.set(part, now)
    const set = { lastError: problem.slice(0, MAX_ERROR_CHARACTERS), lastErrorAt: now }
    await this.#write({ update: partKey(part), set })
  }

  /** A record of a part that cannot be written stops no part: a server on a full disk serves what it has. */
  async #write(write: Write): Promise<void> {
    await this.#table.transact([write]).catch(() => undefined)
  }

  /** Those that are known and those that left records, by name. */
  async list(): Promise<readonly PartState[]> {
    const [results, records] = await Promise.all([this.#health.results(), this.#records()])
    const known = new Map(this.#known.map((part) => [part.name, part]))
    const names = [...new Set([...known.keys(), ...records.keys()])].toSorted()
    return names.map((name) => {
      const record = records.get(name)
      const { check, runs = record?.lastRunAt !== undefined } = known.get(name) ?? {}
      const checked = results.find((result) => result.name === check)
      const failing = checked?.problem ?? (runs ? record?.lastError : undefined)
      return {
        name,
        ready: failing === undefined,
        startedAt: record?.startedAt ?? this.#began,
        restarts: Math.max(0, (record?.starts ?? 1) - 1),
        lastError: checked?.problem ?? record?.lastError,
        lastErrorAt: checked?.problem === undefined ? record?.lastErrorAt : this.#clock.now(),
      }
    })
  }

  async #records(): Promise<ReadonlyMap<string, PartRecord>> {
    // A table that fails is told of by its check.
    const page = await this.#table.query(PARTS, { limit: MAX_PARTS }).catch(() => undefined)
    return new Map(page?.records.map(({ sk, item }) => [sk, partRecord(item)]))
  }
}
