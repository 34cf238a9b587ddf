/** Large cold layers from an upstream that does all that an upstream may do wrong. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBeside } from '../../faults/open-beside.ts'
import { startSluice, type RunningSluice } from '../../running-sluice.ts'
import { prepareCaches, type Prepared } from '../prepare-caches.ts'
import { PatternBlob } from './pattern-blob.ts'
import { readLayer, type ReadOptions } from './read-layer.ts'
import { startLargeUpstream, type LargeUpstream } from './start-large-upstream.ts'

const MIB = 1024 * 1024
/** More than three stretches, each of which is synced (`core/src/services/blob-fills.ts`). */
const SIZE = 210 * MIB + 4321
const REPOSITORY = 'up.example/team/app'
const TENTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9]
const tenth = (number: number): number => Math.floor((SIZE * number) / 10)

let world: string
let upstream: LargeUpstream
let prepared: Prepared
let sluice: RunningSluice

beforeAll(async () => {
  world = mkdtempSync(join(tmpdir(), 'sluice-large-'))
  upstream = await startLargeUpstream()
  prepared = prepareCaches(world, { 'up.example': { urls: [upstream.url] } })
  sluice = await startSluice(prepared)
})

afterAll(async () => {
  await sluice?.stop()
  await upstream?.close()
  rmSync(world, { recursive: true, force: true })
})

let made = 0
/** One that nobody has asked for yet, in an image that somebody has. */
async function coldLayer(said = (size: number): number => size): Promise<PatternBlob> {
  const layer = new PatternBlob(SIZE)
  const tag = `v${++made}`
  upstream.put(tag, layer, said(layer.size))
  expect((await ask(`manifests/${tag}`)).status).toBe(200)
  upstream.transfers.length = 0
  upstream.mischief.length = 0
  return layer
}

const ask = (path: string, method = 'GET'): Promise<Response> =>
  fetch(`${sluice.url}/v2/${REPOSITORY}/${path}`, {
    method,
    headers: { authorization: `Basic ${btoa(`${sluice.user}:${sluice.password}`)}` },
  })

const read = (layer: PatternBlob, options?: ReadOptions) =>
  readLayer(sluice, REPOSITORY, layer, options)
const whole = { status: 200, bytes: SIZE }
const starts = (): number[] => upstream.transfers.map(({ start }) => start)

/** Cuts its transfers there, each when some reader has all bytes before; answers what readers are to tell it. */
function cutAt(cuts: readonly number[]): ReadOptions {
  let had = 0
  for (const at of cuts) {
    upstream.mischief.push({ at, does: 'cut', isDue: () => had === at })
  }
  return { onBytes: (bytes) => void (had = Math.max(had, bytes)) }
}

it.each(TENTHS)('goes on by Range where a transfer is cut after %i tenths', async (number) => {
  const layer = await coldLayer()
  const options = cutAt([tenth(number)])
  expect(await read(layer, options)).toEqual(whole)
  expect(starts()).toEqual([0, tenth(number)])
})

it('goes on however often it is cut, and two who read have the whole of it', async () => {
  const layer = await coldLayer()
  const options = cutAt(TENTHS.map(tenth))
  expect(await Promise.all([read(layer, options), read(layer)])).toEqual([whole, whole])
  expect(starts()).toEqual([0, ...TENTHS.map(tenth)])
})

it.each(['hang', 'drip'] as const)(
  'takes an upstream that begins to %s for gone, and goes on with another transfer',
  { timeout: 120_000 },
  async (does) => {
    const layer = await coldLayer()
    upstream.mischief.push({ at: 100 * MIB, does })
    expect(await read(layer)).toEqual(whole)
    const [first, second, ...more] = starts()
    expect(first).toBe(0)
    expect(second).toBeGreaterThanOrEqual(100 * MIB)
    expect(second).toBeLessThan(100 * MIB + 100)
    expect(more).toEqual([])
  },
)

it('keeps nothing of a layer with one wrong bit, and never sends the end of it', async () => {
  const layer = await coldLayer()
  upstream.mischief.push({ at: 199 * MIB, does: 'wrong-byte' })
  // The bit comes to the client too, unless the end of the connection takes it back; no answer ends well.
  const broken = await read(layer, { unchecked: true })
  expect(broken.status).toBe(200)
  expect(broken.bytes).toBeLessThan(SIZE)
  const again = (): Promise<unknown> => read(layer).catch(() => undefined)
  await expect.poll(again, { timeout: 30_000 }).toEqual(whole)
  expect(starts()).toEqual([0, 0])
})

it('sends nothing of a layer of another length than its manifest says', async () => {
  const layer = await coldLayer((size) => size - 1)
  const { status, bytes } = await read(layer)
  expect(status).toBe(502)
  expect(bytes).toBeLessThan(1000)
})

it('leaves nothing that fsck would find', { timeout: 120_000 }, async () => {
  const beside = await openBeside(prepared.dataDir)
  try {
    expect(await beside.fsck({ deep: true, pause: 0 })).toEqual([])
  } finally {
    await beside.close()
  }
})
