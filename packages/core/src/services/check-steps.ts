/**
 * A check in steps, for processes that live for minutes. How far it is lies in the blob store, and a record names it:
 *
 *     claim the record -> read the state -> go on (checker.ts) -> write the state anew -> give the record back
 *
 * Of two processes at once one goes on. One that died has done nothing that the next will not find: its step is taken
 * again.
 */
import type { BlobStore, Source } from '../ports/blob-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { Table, Write } from '../ports/table.ts'
import { checkRecord, type CheckRecord } from '../records/check-record.ts'
import { defined } from '../records/defined.ts'
import { CHECK_ROOM, checkKey, newObjectKey, randomId } from '../records/keys.ts'
import { isCheckState, type CheckState } from './check/check-state.ts'
import type { Checked, Checker, StepOptions } from './checker.ts'
import { whole } from './whole.ts'

/** Writes a state down and reads it again, as structured clones do. */
export interface CheckStateForm {
  write(state: CheckState): Uint8Array
  /** `undefined` for what it cannot read. */
  read(bytes: Uint8Array): unknown
}

export interface CheckStep extends Pick<StepOptions, 'pause' | 'stop'> {
  /** A check of another kind than the one under way takes its place. */
  readonly deep: boolean
  readonly repair: boolean
  /** Milliseconds after which this process surely does nothing more. */
  readonly lease: number
}

export type CheckStepped =
  | { readonly outcome: 'finished'; readonly steps: number; readonly checked: Checked }
  | { readonly outcome: 'unfinished'; readonly steps: number }
  /** Another process is at it, or has taken over; nothing was kept of this step. */
  | { readonly outcome: 'elsewhere' }

/** The record as this process has claimed it. */
type Claim = CheckRecord & { readonly nextKey: string }

/** Of the state; the store may hold some of them at once. */
const PIECE = 1024 * 1024

export class CheckSteps {
  readonly #table: Table
  readonly #store: BlobStore
  readonly #clock: Clock
  readonly #checker: Checker
  readonly #form: CheckStateForm

  constructor(
    ports: { readonly table: Table; readonly store: BlobStore; readonly clock: Clock },
    checker: Checker,
    form: CheckStateForm,
  ) {
    this.#table = ports.table
    this.#store = ports.store
    this.#clock = ports.clock
    this.#checker = checker
    this.#form = form
  }

  /** Begins a check, or goes on with the one under way, until `stop`. When it throws, the step is as if never taken. */
  async step(step: CheckStep): Promise<CheckStepped> {
    const claim = await this.#claim(step)
    if (!claim) return { outcome: 'elsewhere' }
    try {
      return await this.#goOn(claim, step)
    } catch (error) {
      // Where this fails as well the claim runs out by itself; the first error is the one to tell.
      await this.#write(claim, { ...claim, claimedUntil: 0 }).catch(() => undefined)
      throw error
    }
  }

  async #claim({ deep, repair, lease }: CheckStep): Promise<Claim | undefined> {
    const item = await this.#table.get(checkKey)
    const found = item && checkRecord(item)
    const now = this.#clock.now()
    if (found && found.claimedUntil > now) return undefined
    const isSame = found?.deep === deep && found.repair === repair
    const unneeded = [found?.nextKey, isSame ? undefined : found?.stateKey]
    const claim: Claim = {
      deep,
      repair,
      steps: isSame ? found.steps : 0,
      stateKey: isSame ? found.stateKey : undefined,
      nextKey: newObjectKey(CHECK_ROOM),
      left: [...(found?.left ?? []), ...unneeded.filter((key) => key !== undefined)],
      claimedUntil: now + lease,
      turn: randomId(),
    }
    return (await this.#write(found, claim)) ? claim : undefined
  }

  async #goOn(claim: Claim, { deep, repair, stop, pause }: CheckStep): Promise<CheckStepped> {
    for (const key of claim.left) await this.#store.delete(key)
    const resume = await this.#stateOf(claim)
    const steps = (resume ? claim.steps : 0) + 1
    const answer = await this.#checker.check({
      deep,
      repair,
      stop,
      ...(resume && { resume }),
      ...(pause !== undefined && { pause }),
    })
    if ('unfinished' in answer) {
      const isKept = await this.#keep(claim, steps, answer.unfinished)
      return isKept ? { outcome: 'unfinished', steps } : { outcome: 'elsewhere' }
    }
    // While the record stands, whoever dies here has left nothing that nobody knows of.
    if (claim.stateKey !== undefined) await this.#store.delete(claim.stateKey)
    if (!(await this.#write(claim, undefined))) return { outcome: 'elsewhere' }
    return { outcome: 'finished', steps, checked: answer }
  }

  /** `undefined` where there is none (any more) that this program can read: the check begins anew. */
  async #stateOf({ stateKey }: Claim): Promise<CheckState | undefined> {
    const pieces = stateKey === undefined ? undefined : await this.#store.read(stateKey)
    const state = pieces && this.#form.read(await whole(pieces))
    return isCheckState(state) ? state : undefined
  }

  async #keep(claim: Claim, steps: number, state: CheckState): Promise<boolean> {
    const { stateKey, nextKey, ...kept } = claim
    const left = stateKey === undefined ? [] : [stateKey]
    await this.#store.write(nextKey, inPieces(this.#form.write(state)))
    const isOurs = await this.#write(claim, {
      ...kept,
      steps,
      stateKey: nextKey,
      nextKey: undefined,
      left,
      claimedUntil: 0,
      turn: randomId(),
    })
    // Whoever is next knows of it, and tries again.
    for (const key of isOurs ? left : [nextKey]) {
      await this.#store.delete(key).catch(() => undefined)
    }
    return isOurs
  }

  /** False when the record is not `from` any more. */
  async #write(from: CheckRecord | undefined, to: CheckRecord | undefined): Promise<boolean> {
    const when = from ? { equals: { turn: from.turn } } : ('absent' as const)
    const write: Write = to
      ? { put: checkKey, item: defined(to), when }
      : { delete: checkKey, when }
    return (await this.#table.transact([write])).ok
  }
}

async function* inPieces(bytes: Uint8Array): Source {
  for (let at = 0; at < bytes.byteLength; at += PIECE) yield bytes.subarray(at, at + PIECE)
}
