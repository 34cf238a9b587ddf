/** A server that dies in the middle of a large cold layer goes on where its disk says it was. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SqliteTable } from '@sluice/adapters/local/sqlite-table'
import { repositoryPk, UPLOAD_PREFIX } from '@sluice/core/records/keys'
import type { RepositoryName } from '@sluice/core/repository-name'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBeside } from '../../faults/open-beside.ts'
import { startSluice, type RunningSluice } from '../../running-sluice.ts'
import { prepareCaches, type Prepared } from '../prepare-caches.ts'
import { PatternBlob } from './pattern-blob.ts'
import { readLayer } from './read-layer.ts'
import { startLargeUpstream, type LargeUpstream } from './start-large-upstream.ts'

const MIB = 1024 * 1024
const SIZE = 400 * MIB + 12_345
const KILLS = [90 * MIB, 200 * MIB, 330 * MIB]
const REPOSITORY = 'up.example/team/app' as RepositoryName

let world: string
let upstream: LargeUpstream
let prepared: Prepared
let sluice: RunningSluice | undefined

beforeAll(async () => {
  world = mkdtempSync(join(tmpdir(), 'sluice-killed-fill-'))
  upstream = await startLargeUpstream()
  prepared = prepareCaches(world, { 'up.example': { urls: [upstream.url] } })
})

afterAll(async () => {
  await sluice?.stop()
  await upstream?.close()
  rmSync(world, { recursive: true, force: true })
})

const start = (): Promise<RunningSluice> =>
  startSluice({ ...prepared, env: { ...prepared.env, SLUICE_ADMIN_PASSWORD: 'of the kills' } })

/** How far the records say that the layer has come. */
async function recorded(): Promise<number | undefined> {
  const table = await SqliteTable.open(join(prepared.dataDir, 'sluice.db'))
  try {
    const pk = repositoryPk(REPOSITORY)
    const { records } = await table.query(pk, { prefix: UPLOAD_PREFIX, limit: 10 })
    return records.map(({ item }) => Number(item['offset'])).at(0)
  } finally {
    await table.close()
  }
}

async function problems(): Promise<readonly string[]> {
  const beside = await openBeside(prepared.dataDir)
  try {
    return await beside.fsck({ deep: true, pause: 0 })
  } finally {
    await beside.close()
  }
}

it('is killed three times on the way', { timeout: 120_000 }, async () => {
  const layer = new PatternBlob(SIZE)
  upstream.put('latest', layer)
  let had = 0
  for (const killed of KILLS) {
    upstream.mischief.push({ at: killed, does: 'hang' })
    const server = await start()
    const manifest = await fetch(`${server.url}/v2/${REPOSITORY}/manifests/latest`, {
      headers: { authorization: `Basic ${btoa(`${server.user}:${server.password}`)}` },
    })
    expect(manifest.status).toBe(200)
    // As podman and docker do: on from where it stood.
    let reached = 0
    const onBytes = (bytes: number): void => void (reached = had + bytes)
    const reading = readLayer(server, REPOSITORY, layer, { start: had, onBytes })
    await expect.poll(() => reached, { timeout: 30_000 }).toBe(killed)
    // Of an upstream that sends nothing what has come is soon on stable storage.
    await expect.poll(() => recorded(), { timeout: 30_000 }).toBe(killed)
    await server.kill()
    const read = await reading
    expect(read.status).toBe(had === 0 ? 200 : 206)
    had += read.bytes
    expect(await problems()).toEqual([])
  }
  sluice = await start()
  const rest = await readLayer(sluice, REPOSITORY, layer, { start: had })
  expect(had + rest.bytes).toBe(SIZE)
  expect(await readLayer(sluice, REPOSITORY, layer)).toEqual({ status: 200, bytes: SIZE })
  expect(await problems()).toEqual([])

  const starts = upstream.transfers.map(({ start: from }) => from)
  expect(starts).toEqual([0, ...KILLS])
})
