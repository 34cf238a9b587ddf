/** Runs a scenario once for each call that it makes, with a fault that strikes that call. */
import { availableParallelism } from 'node:os'
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb'
import { DeleteBucketCommand } from '@aws-sdk/client-s3'
import { S3BlobStore } from '@sluice/adapters/aws/s3-blob-store'
import type { Access } from '@sluice/core/access'
import { ADMINISTRATORS } from '@sluice/core/services/rights'
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Clock } from '@sluice/core/ports/clock'
import { dynamodbClient, newBucket, newTable, s3Client } from '../engines/engines.ts'
import type { Fault } from '../proxy/calls.ts'
import {
  newStage,
  openProxiedRegistry,
  USER,
  type ProxiedRegistry,
  type StageNames,
} from '../proxy/proxied-registry.ts'
import { Turns } from './turns.ts'
import { PatientClient } from './patient-client.ts'

export const REPOSITORY = 'default/app'
export const OTHER = 'default/other'

const ADMINISTRATOR = { user: USER, groups: [ADMINISTRATORS] }
const ACCESS = [REPOSITORY, OTHER].map((name): Access => ({
  type: 'repository',
  name,
  actions: ['pull', 'push', 'delete'],
}))

/** Longer than any call takes on a busy machine, short enough for many that are never answered. */
const REQUEST_TIMEOUT_MS = 3000
/** Each may fail at one of its queries. */
const SWEEPS = 10
/** Longer than all graces and the lives of dead requests' work. */
const TWO_DAYS_MS = 2 * 86_400_000

export interface Moment {
  readonly client: PatientClient
  readonly registry: ProxiedRegistry
}

export interface Scenario<Prepared> {
  /** It moves so many bytes that only few such runs go side by side. */
  readonly isLarge?: true
  /** How many objects are left at the end, when all that nobody needs has been swept. */
  readonly objects: number
  /** What stands before: without faults, and not counted. */
  prepare(moment: Moment): Promise<Prepared>
  /** Throws when something is not as it must be. */
  run(moment: Moment, prepared: Prepared): Promise<void>
}

export class FaultRuns {
  readonly #direct = { dynamodb: dynamodbClient(), s3: s3Client() }
  readonly #working = new Turns(availableParallelism())
  readonly #waiting = new Turns(12)
  /** All runs share the keys of the tokens. */
  #shared: StageNames | undefined

  async open(): Promise<void> {
    this.#shared = await newStage()
  }

  close(): void {
    this.#direct.dynamodb.destroy()
    this.#direct.s3.destroy()
  }

  /** The names of the calls that the scenario makes; throws what is wrong even without a fault. */
  async calls<Prepared>(scenario: Scenario<Prepared>): Promise<readonly string[]> {
    const { problems, called } = await this.#run(scenario, [])
    if (problems.length > 0) throw new Error(`without a fault: ${problems.join('\n')}`)
    return called.map((call) => call.name)
  }

  /** What is wrong with these faults, of one kind; `unmet`: how many the run was too short for. */
  async strike<Prepared>(
    scenario: Scenario<Prepared>,
    faults: readonly Fault[],
  ): Promise<{ readonly problems: readonly string[]; readonly unmet: number }> {
    // Who waits for an answer that never comes, or for the table's patience to end, leaves the processors to others.
    const waits = faults.some(({ kind, lasts }) => kind === 'timeout' || lasts !== 'once')
    const turns = waits && !scenario.isLarge ? this.#waiting : this.#working
    return turns.take(() => this.#strike(scenario, faults))
  }

  async #strike<Prepared>(
    scenario: Scenario<Prepared>,
    faults: readonly Fault[],
  ): Promise<{ readonly problems: readonly string[]; readonly unmet: number }> {
    const { problems, called, unmet } = await this.#run(scenario, faults)
    const struck = called.flatMap(({ name, fault, repeats }, at) =>
      fault && !repeats ? [`${at + 1} ${name}`] : [],
    )
    const where = `with ${faults[0]?.kind} (${faults[0]?.lasts}) at calls ${struck.join(', ')}`
    return { problems: problems.map((problem) => `${problem}; ${where}`), unmet }
  }

  async #run<Prepared>(scenario: Scenario<Prepared>, faults: readonly Fault[]) {
    if (!this.#shared) throw new Error('not open')
    const tableName = await newTable(this.#direct.dynamodb)
    const bucket = await newBucket(this.#direct.s3)
    const stage = { ...this.#shared, tableName, bucket }
    let ahead = 0
    const clock: Clock = { now: () => Date.now() + ahead }
    const registry = await openProxiedRegistry({
      stage,
      clock,
      policy: { grace: 0 },
      clients: { requestTimeout: REQUEST_TIMEOUT_MS },
    })
    const { calls, ask, wing } = registry
    const { token } = await wing.tokens.issue({ identity: ADMINISTRATOR, access: ACCESS })
    const authorization = `Bearer ${token}`
    const client = new PatientClient({ ask, authorization, onRefused: () => calls.heal() })
    const moment = { client, registry }
    try {
      const prepared = await scenario.prepare(moment)
      calls.forget()
      for (const fault of faults) calls.inject(fault)
      const problems = await problemsOf(() => scenario.run(moment, prepared))
      const called = [...calls.list]
      const unmet = calls.waiting
      calls.withdraw()
      problems.push(...unexpected(registry.failures))
      problems.push(...(await problemsOf(() => check(registry, { deep: true, strays: true }))))
      // Whatever the failures have left over is found by then, and removed.
      ahead = TWO_DAYS_MS
      problems.push(...(await problemsOf(() => sweep(registry))))
      problems.push(...(await problemsOf(() => check(registry, { deep: false, strays: false }))))
      problems.push(...(await problemsOf(() => this.#count(bucket, scenario.objects))))
      return { problems, called, unmet }
    } finally {
      await registry.close()
      await this.#remove(tableName, bucket)
    }
  }

  async #count(bucket: string, expected: number): Promise<void> {
    const { objects } = await new S3BlobStore(this.#direct.s3, bucket).list({ limit: 1000 })
    if (objects.length === expected) return
    throw new Error(
      `${expected} objects should be left: ${objects.map(({ key }) => key).join(' ')}`,
    )
  }

  async #remove(TableName: string, Bucket: string): Promise<void> {
    const { dynamodb, s3 } = this.#direct
    await dynamodb.send(new DeleteTableCommand({ TableName }))
    const store = new S3BlobStore(s3, Bucket)
    const { objects } = await store.list({ limit: 1000 })
    for (const { key } of objects) await store.delete(key)
    for (const { state } of await store.listUploads(Infinity)) await store.abort(state)
    await s3.send(new DeleteBucketCommand({ Bucket }))
  }
}

/** As its schedule does: what one sweep could not do, or not finish, is done by one of the next. */
export async function sweepPatiently({ registry: { wing, calls } }: Moment): Promise<void> {
  for (let tried = 1; ; tried++) {
    const failed = await wing.registry.sweeper.sweep({ onLook: () => calls.heal() }).then(
      ({ errors }) => errors,
      (error: unknown) => [error],
    )
    calls.heal()
    if (failed.length === 0) return
    const strange = failed.filter((one) => !(one instanceof StorageError))
    if (strange.length > 0 || tried === SWEEPS)
      throw new Error(`sweep ${tried}: ${failed.map(String).join()}`)
  }
}

async function sweep({ wing: { registry } }: ProxiedRegistry): Promise<void> {
  const { errors } = await registry.sweeper.sweep()
  if (errors.length > 0) throw new Error(`the last sweep: ${errors.map(String).join(', ')}`)
}

/** `strays`: bytes may lie about that a request could not tidy up; the sweeper takes them once they are old enough. */
async function check(
  { wing: { registry } }: ProxiedRegistry,
  { deep, strays }: { readonly deep: boolean; readonly strays: boolean },
): Promise<void> {
  const { problems } = await registry.checker.check({ deep, pause: 0 })
  const wrong = problems.filter(({ kind }) => !(strays && kind === 'upload-unknown'))
  const told = wrong.map(({ kind, where, detail }) => `${kind} ${where}: ${detail}`)
  if (told.length > 0) throw new Error(`the check found ${told.join('; ')}`)
}

async function problemsOf(work: () => Promise<void>): Promise<string[]> {
  try {
    await work()
    return []
  } catch (error) {
    return [error instanceof Error ? `${error.name}: ${error.message}` : String(error)]
  }
}

/** Anything but a storage's failure is a defect, whatever the client was told. */
const unexpected = (failures: readonly unknown[]): string[] =>
  failures
    .filter((failure) => !(failure instanceof StorageError))
    .map(
      (failure) => `the app failed: ${failure instanceof Error ? failure.stack : String(failure)}`,
    )
