/** Wherever a process dies between two of its effects, nothing is lost, nothing is wrong, and nothing stays behind. */
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProjectName } from '@sluice/core/repository-name'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { settableClock } from '../../temporary-registry.ts'
import { Ledger } from '../kill/ledger.ts'
import { pullCheck } from '../kill/pull-check.ts'
import { sweepToNothing } from '../kill/sweep-to-nothing.ts'
import { openBeside } from '../open-beside.ts'
import { CrashPoints, watchFiles } from './crash-points.ts'
import { prepare, runScenario } from './scenario.ts'

/** Nothing here needs a disk, and in memory nobody waits for one. */
const MEMORY = '/dev/shm'

let directory = ''
let prepared = ''

beforeAll(async () => {
  directory = await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'sluice-crash-'))
  prepared = join(directory, 'prepared')
  await mkdir(prepared)
  const clock = settableClock()
  const beside = await openBeside(prepared, { clock })
  await beside.registry.projects.create('default' as ProjectName)
  await prepare(beside, clock)
  await beside.close()
})

afterAll(async () => rm(directory, { recursive: true, force: true }))

/** Runs the scenario until it has had so many effects; answers them, and what is wrong afterwards. */
async function crashAfter(effects: number): Promise<{ passed: string[]; problems: string[] }> {
  const dataDir = join(directory, `after-${effects}`)
  await cp(prepared, dataDir, { recursive: true })
  const clock = settableClock()
  const ledger = new Ledger()
  const points = new CrashPoints()
  points.allow(effects)
  const victim = await openBeside(dataDir, { clock })
  points.watchTable(victim.table)
  const endWatch = await watchFiles(dataDir, points)
  try {
    await Promise.race([runScenario(victim, ledger, clock), points.crashed])
  } finally {
    await endWatch()
  }
  await victim.close()
  ledger.settle()
  clock.advance(120_000)

  const survivor = await openBeside(dataDir, { clock })
  const problems = [
    ...(await survivor.fsck({ deep: true, pause: 0 })),
    ...(await pullCheck(survivor.door, ledger, ledger.entries())),
  ]
  await runScenario(survivor, ledger, clock, { again: true })
  problems.push(...(await pullCheck(survivor.door, ledger, ledger.entries())))
  await survivor.close()
  problems.push(...(await sweepToNothing(dataDir)))
  await rm(dataDir, { recursive: true })
  return { passed: points.passed, problems }
}

it('at every moment of a long scenario', { timeout: 1_500_000 }, async () => {
  const whole = await crashAfter(Infinity)
  expect(whole.problems).toEqual([])
  console.log(`crash points: ${whole.passed.length}`)
  const wrong: { [moment: string]: string[] } = {}
  for (let effects = 0; effects < whole.passed.length; effects++) {
    const { passed, problems } = await crashAfter(effects)
    const moment = `after ${effects} effects, the last ${passed.slice(-3).join(', ')}`
    if (problems.length > 0) wrong[moment] = problems
  }
  expect(wrong).toEqual({})
})
