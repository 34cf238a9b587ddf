/** The official suite's mode for a repository that takes no pushes, on a project that caches distribution. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runReadOnly, type ReadOnlyData } from '../conformance/run-read-only.ts'
import { startSluice, type RunningSluice } from '../running-sluice.ts'
import { requireTools } from '../tools/require-tools.ts'
import { PUSHERS, pushUpstreamImages } from './clients/push-upstream-images.ts'
import { prepareCaches } from './prepare-caches.ts'
import { startDistribution, type RunningDistribution } from './start-distribution.ts'

let world: string
let distribution: RunningDistribution
let sluice: RunningSluice
let data: ReadOnlyData

/** What a manifest at the upstream names. */
async function named(digest: string, mediaType: string): Promise<string[]> {
  const url = `${distribution.url}/v2/library/hello/manifests/${digest}`
  const answer = await fetch(url, { headers: { accept: mediaType } })
  const digests = (await answer.text()).match(/sha256:[0-9a-f]{64}/g) ?? []
  expect(digests.length).toBeGreaterThan(0)
  return digests
}

beforeAll(async () => {
  await requireTools(['conformance', ...PUSHERS])
  world = mkdtempSync(join(tmpdir(), 'sluice-read-only-'))
  distribution = await startDistribution()
  const { host } = new URL(distribution.url)
  const { index, signature } = await pushUpstreamImages(host, join(world, 'push'))
  const { dataDir, env } = prepareCaches(world, { 'hub.example': { urls: [distribution.url] } })
  sluice = await startSluice({ dataDir, env })
  const images = await named(index, 'application/vnd.oci.image.index.v1+json')
  const blobs = []
  for (const image of images) {
    blobs.push(...(await named(image, 'application/vnd.oci.image.manifest.v1+json')))
  }
  data = {
    repository: 'hub.example/library/hello',
    tags: ['v1', signature.tag],
    manifests: [index, ...images, signature.digest],
    blobs,
    subjects: [index],
  }
})

afterAll(async () => {
  await sluice?.stop()
  await distribution?.close()
  rmSync(world, { recursive: true, force: true })
})

it.each(['cold', 'warm'])('passes in the read-only mode, %s', async (state) => {
  const results = join(world, state)
  mkdirSync(results)
  const { passed, shortfalls } = await runReadOnly(sluice, results, data)
  expect(shortfalls).toEqual([])
  expect(passed).toBeGreaterThan(20)
  console.log(`conformance, read-only, ${state}: ${passed} passed`)
})
