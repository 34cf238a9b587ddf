/**
 * The environment that serves a push is killed, once before and once after each call that it makes to DynamoDB, S3 or the
 * parameter store. The client hears the gateway's 500 and does what real ones do. Each kill has a push of its own. All
 * are done with `SLUICE_FAULT_ALL=1`, else of some kinds a few, drawn by `SLUICE_FAULT_SEED`.
 */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { bundleFunction, type FunctionBundle } from '../../gateway/bundle-function.ts'
import { SeededRandom } from '../../faults/seeded-random.ts'
import { runFirstRequest } from './killed-environment/first-request.ts'
import { KilledRuns } from './killed-environment/killed-runs.ts'
import { killsOf } from './killed-environment/kills-of.ts'
import { chunkedBlob, image, manyLayers } from './killed-environment/pushes.ts'

vi.setConfig({ testTimeout: 900_000 })

const ALL = process.env['SLUICE_FAULT_ALL'] === '1'
const SEED = Number(process.env['SLUICE_FAULT_SEED'] ?? Math.floor(Math.random() * 2 ** 32))
const random = new SeededRandom(SEED)
/** Percent of the kills that differ from others only in what the client does then. */
const FEW = 30
function few(): () => boolean {
  const draws = random.fork()
  return () => ALL || draws.chance(FEW)
}
const someOfChunks = few()
const someOfLeft = few()

let bundle: FunctionBundle
const runs = new KilledRuns()

beforeAll(async () => {
  console.log(`killed environments: SLUICE_FAULT_SEED=${SEED}`)
  bundle = await bundleFunction(fileURLToPath(import.meta.resolve('@sluice/functions/api')))
  await runs.open(bundle.file)
})

afterAll(async () => {
  await runs.close()
  await bundle?.remove()
})

describe.concurrent('an environment that is killed at any of its calls costs nobody', () => {
  it('a blob in chunks, whose client goes on once the claim of the dead has run out', async () => {
    const { waited, problems } = await runs.killEach(chunkedBlob, 'waits')
    expect(problems).toEqual([])
    expect(waited).toBeGreaterThan(20)
  })

  it('a blob in chunks, whose client starts another upload', async () => {
    expect(await runs.killEach(chunkedBlob, 'anew', someOfChunks)).toMatchObject({ problems: [] })
  })

  it('small blobs, a mount, an image, its tag that moves, a manifest too large for a record', async () => {
    expect(await runs.killEach(image, 'anew')).toMatchObject({ problems: [] })
  })

  it('any of these whose client does not come again', async () => {
    expect(await runs.killEach(image, 'leaves', someOfLeft)).toMatchObject({ problems: [] })
  })

  it.each(['anew', 'leaves'] as const)(
    'a manifest of more layers than one transaction counts, whose client then: %s',
    async (manner) => {
      expect(await runs.killEach(manyLayers, manner)).toMatchObject({ problems: [] })
    },
  )

  it('the first login of all, which makes the keys and the administrator', async () => {
    const { calls } = await runFirstRequest(bundle.file)
    expect(calls.length).toBeGreaterThan(0)
    for (const kill of killsOf(calls)) {
      expect(await runFirstRequest(bundle.file, kill)).toMatchObject({ problems: [] })
    }
  })
})

it('leaves nothing behind, and no record that does not fit another', async () => {
  expect(await runs.leftovers()).toEqual([])
})
