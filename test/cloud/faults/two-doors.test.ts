/** Two doors, two processes of their own, over one table and one bucket, and sixteen clients at one repository. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseProjectName } from '@sluice/core/repository-name'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serverDoor, type Door } from '../../faults/ask.ts'
import { Ledger } from '../../faults/kill/ledger.ts'
import { startLoad } from '../../faults/kill/load.ts'
import { pullCheck } from '../../faults/kill/pull-check.ts'
import { SeededRandom } from '../../faults/seeded-random.ts'
import { createStage } from '../engines/create-stage.ts'
import { engineUrls } from '../engines/engines.ts'
import type { Engine } from '../engines/start-engine.ts'
import {
  openProxiedRegistry,
  PASSWORD,
  USER,
  type ProxiedRegistry,
} from '../proxy/proxied-registry.ts'
import { startUploadDoor } from '../start-upload-door.ts'

const REPOSITORY = 'default/shared'
const SEED = Number(process.env['SLUICE_FAULT_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
/** Eight clients each, and two that prune. */
const DOORS = 2
const LOAD_MS = 15_000
/** On a busy machine it goes on until each door has answered so many requests, or this long. */
const ANSWERS = 150
const LONGEST_LOAD_MS = 60_000

/** Short, so that the sweeper is at work in the middle of it. */
const POLICY = { SLUICE_GRACE: '1', SLUICE_UPLOAD_IDLE: '3' }
const TWO_DAYS_MS = 2 * 86_400_000

let doors: Engine[] = []
let registry: ProxiedRegistry
let ahead = 0
const ledger = new Ledger()

beforeAll(async () => {
  const name = `sluice-${randomBytes(6).toString('hex')}`
  const stage = await createStage({ urls: engineUrls(), name, password: PASSWORD })
  const of = (variable: string): string => stage[variable] ?? ''
  registry = await openProxiedRegistry({
    stage: {
      tableName: of('SLUICE_TABLE'),
      bucket: of('SLUICE_BUCKET'),
      queueUrl: of('SLUICE_QUEUE_URL'),
      secretsPrefix: of('SLUICE_SECRETS_PREFIX'),
      keysParameter: of('SLUICE_KEYS_PARAMETER'),
      adminPasswordParameter: of('SLUICE_ADMIN_PASSWORD_PARAMETER'),
    },
    policy: { grace: 1000, uploadIdle: 3000 },
    clock: { now: () => Date.now() + ahead },
  })
  await registry.wing.registry.projects.create(parseProjectName('default'))
  const environment = { ...stage, ...POLICY, SLUICE_PUBLIC_URL: 'http://127.0.0.1:5000' }
  doors = await Promise.all(Array.from({ length: DOORS }, () => startUploadDoor(environment)))
})

afterAll(async () => {
  await Promise.all(doors.map((door) => door.close()))
  await registry?.close()
})

const doorOf = ({ url }: Engine): Door => serverDoor({ url, user: USER, password: PASSWORD })

/** Busy storage is a reason to come again; anything else that was not expected is none. */
const isSurprise = (what: string): boolean => !what.includes(': 503 UNAVAILABLE')

it('every client is told the truth, while a sweeper is at work', { timeout: 300_000 }, async () => {
  console.log(`two doors: SLUICE_FAULT_SEED=${SEED}`)
  const random = new SeededRandom(SEED)
  const begun = Date.now()
  const answers = doors.map(() => 0)
  const isOver = (): boolean => {
    const wanted = answers.every((count) => count >= ANSWERS) ? LOAD_MS : LONGEST_LOAD_MS
    return Date.now() > begun + wanted
  }
  const loads = doors.map((door, at) => {
    const ask = doorOf(door)
    return startLoad({
      door: async (path, init) => {
        if (isOver()) throw new Error('the load is over')
        const answer = await ask(path, init)
        answers[at] = (answers[at] ?? 0) + 1
        return answer
      },
      ledger,
      random: random.fork(),
      repositories: [REPOSITORY],
      name: `door-${at}`,
      retired: [],
    })
  })
  const errors: unknown[] = []
  while (!isOver()) {
    const swept = await registry.wing.registry.sweeper.sweep()
    errors.push(...swept.errors)
    await sleep(500)
  }
  await Promise.all(loads.map(({ ended }) => ended))
  ledger.settle()
  expect(loads.flatMap(({ outcome }) => outcome.surprises).filter(isSurprise)).toEqual([])
  expect(errors).toEqual([])
  expect(Math.min(...answers)).toBeGreaterThan(ANSWERS / 2)
  for (const { outcome } of loads) {
    expect(outcome.answered.get('PUT manifests 201')).toBeGreaterThan(5)
    expect(outcome.answered.get('DELETE manifests 202')).toBeGreaterThan(0)
  }
})

it('no tag and no blob is lost, by either door', { timeout: 300_000 }, async () => {
  for (const door of doors) {
    expect(await pullCheck(doorOf(door), ledger, ledger.entries(REPOSITORY))).toEqual([])
  }
})

it('a check of everything finds nothing wrong, before and after a sweep', async () => {
  const { checker, sweeper } = registry.wing.registry
  const check = async () => (await checker.check({ deep: true })).problems
  expect(await check()).toEqual([])
  ahead = TWO_DAYS_MS
  expect((await sweeper.sweep()).errors).toEqual([])
  expect(await check()).toEqual([])
}, 120_000)
