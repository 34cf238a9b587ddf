/** What a disk has lost comes back with the next push of the same content. */
import { blobKey, manifestKey } from '@sluice/core/records/keys'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  openPushedRegistry,
  pushBlob,
  pushManifest,
  REPOSITORY,
  type PushedRegistry,
} from './checker/pushed-registry.ts'

describe('a lost object', () => {
  let pushed: PushedRegistry

  beforeEach(async () => {
    pushed = await openPushedRegistry()
  })
  afterEach(async () => pushed.close())

  const lose = async (key: unknown): Promise<void> => rm(join(pushed.objects, String(key)))

  it('of a blob is healed by pushing the blob again', async () => {
    const { registry, table, layer } = pushed
    await lose((await table.get(blobKey(layer)))?.['key'])
    await pushBlob(registry, REPOSITORY, 'layer')
    const link = await registry.blobs.find(REPOSITORY, layer)
    const bytes = await registry.blobs.read(link, 'GET')
    if (!('source' in bytes)) throw new Error('a file has no URL')
    const pieces: Buffer[] = []
    for await (const piece of bytes.source) pieces.push(Buffer.from(piece))
    expect(Buffer.concat(pieces).toString()).toBe('layer')
    expect((await registry.checker.check({ deep: true, pause: 0 })).problems).toEqual([])
  })

  it('of a manifest is healed by pushing the manifest again', async () => {
    const { registry, table } = pushed
    const config = await pushBlob(registry, REPOSITORY, '{}')
    const json = { config, layers: [], annotations: { note: 'n'.repeat(400_000) } }
    const { digest, size } = await pushManifest(registry, REPOSITORY, json)
    await lose((await table.get(manifestKey(REPOSITORY, digest)))?.['bodyKey'])
    await pushManifest(registry, REPOSITORY, json)
    const { record } = await registry.manifests.find(REPOSITORY, { digest })
    expect((await registry.manifests.body(record)).byteLength).toBe(size)
    expect((await registry.checker.check({ deep: true, pause: 0 })).problems).toEqual([])
  })
})

describe('a sweep that fails', () => {
  it('tells each failure once, and does the work at the next', async () => {
    const pushed = await openPushedRegistry()
    try {
      const { registry, store, clock } = pushed
      clock.advance(2 * 86_400_000)
      const remove = store.delete.bind(store)
      const tried: string[] = []
      store.delete = async (key) => {
        tried.push(key)
        throw new Error('disk')
      }
      await registry.sweeper.sweep()
      clock.advance(86_400_000)
      tried.length = 0
      const failed = await registry.sweeper.sweep()
      expect(tried.length).toBeGreaterThan(1)
      expect(new Set(tried).size).toBe(tried.length)
      expect(failed.errors).toHaveLength(tried.length)
      store.delete = remove
      clock.advance(86_400_000)
      expect((await registry.sweeper.sweep()).errors).toEqual([])
      for (const key of tried) expect(await store.stat(key)).toBeUndefined()
    } finally {
      await pushed.close()
    }
  })
})
