/** A layer of a gigabyte passes through without being kept in memory, however differently its readers read. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { forgetPeak, peakMemory, residentMemory } from '../../bench/process-memory.ts'
import { startSluice, type RunningSluice } from '../../running-sluice.ts'
import { prepareCaches } from '../prepare-caches.ts'
import { PatternBlob } from './pattern-blob.ts'
import { readLayer } from './read-layer.ts'
import { startLargeUpstream, type LargeUpstream } from './start-large-upstream.ts'

const MB = 1_000_000
const SIZE = 1000 * MB
const REPOSITORY = 'up.example/team/app'
/** Bytes a second; the slowest have most of it before them when the fastest are done. */
const PACES = [undefined, undefined, 200 * MB, 80 * MB, 40 * MB]
const MOST_GROWTH_MB = 200

let world: string
let upstream: LargeUpstream
let sluice: RunningSluice

beforeAll(async () => {
  world = mkdtempSync(join(tmpdir(), 'sluice-large-memory-'))
  upstream = await startLargeUpstream()
  const { dataDir, env } = prepareCaches(world, { 'up.example': { urls: [upstream.url] } })
  sluice = await startSluice({ dataDir, env })
})

afterAll(async () => {
  await sluice?.stop()
  await upstream?.close()
  rmSync(world, { recursive: true, force: true })
})

it('stays flat', { timeout: 300_000 }, async () => {
  const bring = async (size: number, paces: readonly (number | undefined)[]): Promise<void> => {
    const layer = new PatternBlob(size)
    upstream.put('latest', layer)
    const url = `${sluice.url}/v2/${REPOSITORY}/blobs/${layer.digest}`
    const authorization = `Basic ${btoa(`${sluice.user}:${sluice.password}`)}`
    expect((await fetch(url, { method: 'HEAD', headers: { authorization } })).status).toBe(200)
    const reads = paces.map((pace) => {
      const options = pace === undefined ? {} : { pace }
      return readLayer(sluice, REPOSITORY, layer, options)
    })
    const whole = { status: 200, bytes: size }
    expect(await Promise.all(reads)).toEqual(paces.map(() => whole))
  }
  await bring(20 * MB, PACES)
  const idle = residentMemory(sluice.pid)
  forgetPeak(sluice.pid)
  await bring(SIZE, PACES)
  const growth = peakMemory(sluice.pid) - idle
  console.log(
    `pull-through, memory: ${growth.toFixed(0)} MB above ${idle.toFixed(0)} MB at the most`,
  )
  expect(upstream.transfers).toHaveLength(2)
  expect(growth).toBeLessThan(MOST_GROWTH_MB)
})
