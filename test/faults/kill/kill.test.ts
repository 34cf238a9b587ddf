/** A server that is killed again and again under load loses nothing that it has acknowledged. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { KillRounds } from './kill-rounds.ts'
import { sweepToNothing } from './sweep-to-nothing.ts'

const ROUNDS = Number(process.env['SLUICE_FAULT_ROUNDS'] ?? 200)
const SEED = Number(process.env['SLUICE_FAULT_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
const DEEP_EVERY = 10
const MS_PER_ROUND = 20_000

let directory = ''
let rounds: KillRounds

beforeAll(async () => {
  console.log(`kill test: ${ROUNDS} rounds, SLUICE_FAULT_SEED=${SEED}`)
  directory = await mkdtemp(join(tmpdir(), 'sluice-kill-'))
  rounds = new KillRounds(join(directory, 'data'), SEED)
  await rounds.prepare()
})

afterAll(async () => {
  await rounds.stop()
  await rm(directory, { recursive: true, force: true })
})

it(
  `after each of ${ROUNDS} kills fsck is clean and what was acknowledged can be pulled`,
  { timeout: ROUNDS * MS_PER_ROUND },
  async () => {
    for (let round = 1; round <= ROUNDS; round++) {
      const problems = await rounds.next(round % DEEP_EVERY === 0)
      expect(problems, `round ${round} of SLUICE_FAULT_SEED=${SEED}`).toEqual([])
    }
    console.log(rounds.summary())
  },
)

it('all of it is there at the end, and fsck --deep is clean', async () => {
  expect(await rounds.checkAll()).toEqual([])
})

it('the sweeper has removed things during the load', () => {
  const { links, blobs, objects, uploads } = rounds.swept
  expect(Math.min(links, blobs, objects, uploads)).toBeGreaterThan(0)
})

it('when all is deleted and every time has passed, nothing is left behind', async () => {
  await rounds.stop()
  expect(await sweepToNothing(rounds.dataDir)).toEqual([])
})
