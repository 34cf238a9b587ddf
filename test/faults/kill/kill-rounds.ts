/** One data directory, and the servers that live and die on it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startSluice, type RunningSluice } from '../../running-sluice.ts'
import { ask, serverDoor, type Door } from '../ask.ts'
import { openBeside } from '../open-beside.ts'
import { SeededRandom } from '../seeded-random.ts'
import { Ledger, type Entry, type LoadManifest } from './ledger.ts'
import { startLoad } from './load.ts'
import { pullCheck } from './pull-check.ts'
import { imageManifest, MANY, veryManyLayers } from './push-manifest.ts'
import { readServerLog, type Swept } from './read-server-log.ts'

const LATEST_KILL_MS = 600
/** Old content is pruned while it is replaced, so that the directory does not grow with the rounds. */
const ROUNDS_OF_AN_EPOCH = 8
const REPOSITORIES_OF_AN_EPOCH = 4
/** Of what this round has not touched. */
const SAMPLE = 25

export class KillRounds {
  readonly dataDir: string
  readonly swept: Swept = { links: 0, blobs: 0, objects: 0, uploads: 0 }
  readonly #random: SeededRandom
  readonly #ledger = new Ledger()
  readonly #retired: LoadManifest[] = []
  readonly #answered = new Map<string, number>()
  #server: RunningSluice | undefined
  #round = 0
  #unanswered = 0

  constructor(dataDir: string, seed: number) {
    this.dataDir = dataDir
    this.#random = new SeededRandom(seed)
  }

  /** A manifest of very many blobs keeps them in their repository, so that the rounds need not push them. */
  async prepare(): Promise<void> {
    const door = serverDoor(await this.#start(600))
    const layers = veryManyLayers()
    for (const { descriptor, bytes } of layers) {
      const path = `/v2/${MANY}/blobs/uploads/?digest=${descriptor.digest}`
      await ask(door, 'POST', path, { body: bytes })
    }
    const [config, ...rest] = layers.map(({ descriptor }) => descriptor)
    if (!config) return
    const plan = { repository: MANY, nonce: 'kept', config, layers: rest }
    const manifest = imageManifest(plan)
    const pending = this.#ledger.put(manifest, ['kept'])
    const { status } = await ask(door, 'PUT', `/v2/${MANY}/manifests/kept`, {
      headers: { 'content-type': manifest.descriptor.mediaType },
      body: manifest.bytes(),
    })
    if (status !== 201) throw new Error(`the first manifest was answered ${status}`)
    pending.done()
    this.#ledger.kept.add(manifest)
    await this.stop()
  }

  /** Load, kill, check. Answers what is wrong. */
  async next(deep: boolean): Promise<string[]> {
    this.#round++
    const server = this.#server ?? (await this.#start())
    const load = startLoad({
      door: serverDoor(server),
      ledger: this.#ledger,
      random: this.#random.fork(),
      repositories: this.#repositories(),
      name: `round-${this.#round}`,
      retired: this.#retired,
    })
    await sleep(this.#random.below(LATEST_KILL_MS))
    await server.kill()
    this.#server = undefined
    await load.ended
    this.#unanswered += this.#ledger.unanswered
    this.#ledger.settle()

    const { surprises, answered } = load.outcome
    for (const [kind, times] of answered) {
      this.#answered.set(kind, (this.#answered.get(kind) ?? 0) + times)
    }
    const { swept, errors } = readServerLog(server.log())
    for (const kind of Object.keys(swept) as (keyof Swept)[]) this.swept[kind] += swept[kind]
    const problems = [...surprises, ...errors, ...(await this.#check(deep, this.#drawEntries()))]
    this.#retire()
    return problems
  }

  async checkAll(): Promise<string[]> {
    this.#server ??= await this.#start()
    const pulled = await pullCheck(serverDoor(this.#server), this.#ledger, this.#ledger.entries())
    return [...pulled, ...(await this.#fsck(true))]
  }

  async stop(): Promise<void> {
    await this.#server?.stop()
    this.#server = undefined
  }

  summary(): string {
    const rows = [...this.#answered].toSorted(([a], [b]) => (a < b ? -1 : 1))
    return [
      `swept ${JSON.stringify(this.swept)}; ${this.#unanswered} requests without an answer; answers:`,
      ...rows.map(([kind, times]) => `${String(times).padStart(7)} ${kind}`),
    ].join('\n')
  }

  /**
   * The first to open what the dead server left is this process, and the next server finds its sweeping due while the
   * load begins; or it is the next server, and this process checks beside it.
   */
  async #check(deep: boolean, entries: readonly Entry[]): Promise<string[]> {
    if (this.#random.chance(50)) {
      const beside = await openBeside(this.dataDir)
      try {
        const problems = await beside.fsck({ deep, pause: 0 })
        return [...problems, ...(await pullCheck(beside.door, this.#ledger, entries))]
      } finally {
        await beside.close()
      }
    }
    this.#server = await this.#start()
    const door: Door = serverDoor(this.#server)
    const problems = await Promise.all([pullCheck(door, this.#ledger, entries), this.#fsck(deep)])
    return problems.flat()
  }

  async #fsck(deep: boolean): Promise<string[]> {
    const beside = await openBeside(this.dataDir)
    try {
      return await beside.fsck({ deep, pause: 300 })
    } finally {
      await beside.close()
    }
  }

  #drawEntries(): Entry[] {
    const entries = this.#ledger.entries()
    const untouched = entries.filter(({ touched }) => !touched)
    const sample = new Set<Entry>()
    for (let drawn = 0; drawn < SAMPLE && untouched.length > 0; drawn++) {
      const entry = this.#random.pick(untouched)
      if (entry) sample.add(entry)
    }
    return [...entries.filter(({ touched }) => touched), ...sample]
  }

  #repositories(): string[] {
    const epoch = Math.floor(this.#round / ROUNDS_OF_AN_EPOCH)
    return Array.from({ length: REPOSITORIES_OF_AN_EPOCH }, (_, at) => `default/e${epoch}-${at}`)
  }

  #retire(): void {
    if (this.#retired.length > 0) return
    const inUse = new Set(this.#repositories())
    const old = this.#ledger.repositories.filter((name) => name !== MANY && !inUse.has(name))
    this.#retired.push(...old.flatMap((repository) => this.#ledger.manifests(repository)))
    const spare = this.#ledger.manifests(MANY).filter((one) => !this.#ledger.kept.has(one))
    this.#retired.push(...spare.slice(0, -2))
  }

  async #start(grace = this.#random.below(2)): Promise<RunningSluice> {
    this.#server = await startSluice({
      dataDir: this.dataDir,
      env: {
        SLUICE_ADMIN_PASSWORD: 'of the kill test',
        SLUICE_LOG_FORMAT: 'json',
        SLUICE_SWEEP_INTERVAL: '1',
        SLUICE_GRACE: String(grace),
        SLUICE_UPLOAD_IDLE: String(1 + this.#random.below(3)),
      },
    })
    return this.#server
  }
}
