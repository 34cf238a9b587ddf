/** Runs a push once for each call that its environments make, and kills the one that makes it. */
import { availableParallelism } from 'node:os'
import { RegistryError } from '@sluice/core/errors'
import { parseProjectName, parseRepositoryName } from '@sluice/core/repository-name'
import { BereftClient, Left, type Manner } from './bereft-client.ts'
import { openKillableCloud, type KillableCloud } from './killable-cloud.ts'
import { killsOf } from './kills-of.ts'
import type { Push } from './pushes.ts'
import { requestsTo } from './requests-to.ts'
import type { Target } from './struck-requests.ts'

/** Read by every environment that begins, so by whichever step is its first. */
const OF_COLD_STARTS = 'AmazonSSM.GetParameter'

/** Of clients that wait for a claim to run out, most of the time. */
const WAITING = 50

export class KilledRuns {
  #clouds: readonly KillableCloud[] = []
  readonly #objects = new Map<KillableCloud, number>()
  readonly #found = new Map<Push, Promise<readonly Target[]>>()

  /** `file`: the bundle of the api function. */
  async open(file: string): Promise<void> {
    const clouds = Array.from({ length: availableParallelism() }, () => openKillableCloud(file))
    this.#clouds = await Promise.all(clouds)
    for (const { wing } of this.#clouds) {
      await wing.registry.projects.create(parseProjectName('default'))
    }
  }

  async close(): Promise<void> {
    for (const cloud of this.#clouds) await cloud.close()
  }

  /** What was wrong in any run, and in how many a client waited. Of all kills there are, those are done for which `draw` says true. */
  async killEach(
    push: Push,
    manner: Manner,
    draw: () => boolean = () => true,
  ): Promise<{ readonly waited: number; readonly problems: readonly string[] }> {
    const targets = (await this.#targets(push)).filter(draw)
    let waited = 0
    const problems: string[] = []
    const work = async (cloud: KillableCloud): Promise<void> => {
      for (let target = targets.shift(); target; target = targets.shift()) {
        const ran = await this.#runKilled(cloud, push, target, manner)
        problems.push(...ran.problems)
        if (ran.waited) waited += 1
      }
    }
    const each = Array.from({ length: manner === 'waits' ? WAITING : 1 })
    await Promise.all(this.#clouds.flatMap((cloud) => each.map(() => work(cloud))))
    return { waited, problems }
  }

  async leftovers(): Promise<string[]> {
    const problems: string[] = []
    for (const cloud of this.#clouds) {
      problems.push(...(await cloud.leftovers(this.#objects.get(cloud) ?? 0)))
    }
    return problems
  }

  #keep(cloud: KillableCloud, objects: number): void {
    this.#objects.set(cloud, (this.#objects.get(cloud) ?? 0) + objects)
  }

  /** A kill before and one after each call of each step, in the order in which they come. */
  #targets(push: Push): Promise<readonly Target[]> {
    const found = this.#found.get(push) ?? this.#find(push)
    this.#found.set(push, found)
    return found
  }

  async #find(push: Push): Promise<readonly Target[]> {
    for (const cloud of this.#clouds) this.#keep(cloud, (await push.prepare?.(cloud)) ?? 0)
    const counts = await Promise.all(this.#clouds.map((cloud) => this.#callsOf(cloud, push)))
    return push.steps.flatMap((step) => {
      // One that has more has repeated a call on a busy machine.
      const [least] = counts
        .map((calls) => calls.get(step) ?? [])
        .toSorted((one, other) => one.length - other.length)
      if (!least?.length) throw new Error(`${push.name}: no calls in ${step}`)
      return killsOf(least).map((kill): Target => ({ ...kill, step }))
    })
  }

  async #callsOf(
    cloud: KillableCloud,
    push: Push,
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const repository = `default/${push.name}`
    const requests = requestsTo(cloud, push, repository)
    await push.run({ client: new BereftClient(requests, 'anew'), repository })
    await this.#count(cloud, push, repository)
    const { calls } = requests
    return new Map(
      [...calls].map(([step, names]) => [step, names.filter((name) => name !== OF_COLD_STARTS)]),
    )
  }

  async #runKilled(
    cloud: KillableCloud,
    push: Push,
    target: Target,
    manner: Manner,
  ): Promise<{ readonly waited: boolean; readonly problems: readonly string[] }> {
    const { step, name, nth, moment } = target
    const words = [push.name, step, name, String(nth), moment, manner].join('-')
    const repository = `default/${words.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`
    const where = `killed ${moment} call ${nth} of ${name} in ${step}, and the client ${manner}`
    const requests = requestsTo(cloud, push, repository, target)
    const client = new BereftClient(requests, manner)
    const problems: string[] = []
    try {
      await push.run({ client, repository })
    } catch (error) {
      if (!(error instanceof Left)) problems.push(`${String(error)}; ${where}`)
    }
    if (!requests.struck) problems.push(`nobody was ${where}`)
    await this.#count(cloud, push, repository)
    return { waited: client.waited, problems }
  }

  /** Who left may have pushed it or not: what is there must be whole, and the rest must go. */
  async #count(cloud: KillableCloud, push: Push, repository: string): Promise<void> {
    const { tags } = cloud.wing.registry
    const name = parseRepositoryName(repository)
    const found = await tags.list(name, 10).catch((error: unknown) => {
      if (error instanceof RegistryError && error.code === 'NAME_UNKNOWN') return { tags: [] }
      throw error
    })
    this.#keep(cloud, push.objects(found.tags))
  }
}
