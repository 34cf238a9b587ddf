/** What a client waits for while an image comes for the first time, and what it does not wait for. */
import { Meter } from '@sluice/adapters/metrics/meter'
import type { BlobStore } from '@sluice/core/ports/blob-store'
import type { Table } from '@sluice/core/ports/table'
import type { Registry } from '@sluice/core/registry'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { digestOfBytes } from '../upstream/upstream-content.ts'
import { ScriptedCache } from './scripted-cache.ts'

const LAYER = Buffer.alloc(3_000_000, 'layer')

let cache: ScriptedCache
let unkept: unknown[]
beforeEach(async () => {
  cache = await ScriptedCache.open(LAYER)
  unkept = []
})
afterEach(() => cache.close())

const registryOver = (table: Table, store: BlobStore): Registry =>
  cache.registryOver({
    // As a server has it.
    metrics: new Meter(cache.temporary.clock),
    table,
    store,
    onUnkept: (error) => void unkept.push(error),
  })

/** The store, whose appended bytes are on the disk only when `synced` says so. */
const slowToSync = (store: BlobStore, synced: () => Promise<void>): BlobStore => ({
  open: (key) => store.open(key),
  append: async (state, source) => {
    const appended = await store.append(state, source)
    await synced()
    return appended
  },
  reread: (state) => store.reread(state),
  follow: (state) => store.follow(state),
  commit: (state) => store.commit(state),
  abort: (state) => store.abort(state),
  write: (key, source) => store.write(key, source),
  read: (key, range) => store.read(key, range),
  stat: (key) => store.stat(key),
  link: (key, options) => store.link(key, options),
  delete: (key) => store.delete(key),
  list: (page) => store.list(page),
  listUploads: (before) => store.listUploads(before),
})

it('has all its bytes once they are verified; what follows goes on behind, and is waited for at the end', async () => {
  const synced = Promise.withResolvers<void>()
  const registry = registryOver(
    cache.temporary.table,
    slowToSync(cache.temporary.store, () => synced.promise),
  )
  await cache.pullManifest(registry)
  expect(await cache.pullLayer(registry)).toEqual(LAYER)
  // Nothing shows it yet as one that is here; whoever asks meanwhile has it from the same transfer.
  const link = () => registry.blobs.look(cache.repository, digestOfBytes(LAYER))
  expect(await link()).toMatchObject({ key: undefined })
  expect(await cache.pullLayer(registry)).toEqual(LAYER)
  const settled = registry.fills.settled()
  synced.resolve()
  await settled
  expect(await link()).toMatchObject({ key: expect.any(String) })
  expect(cache.upstream.count('blob-get')).toBe(1)
  expect(unkept).toEqual([])
})

it('has them also where they cannot be kept, of which the owner hears', async () => {
  const full = new Error('the disk is full')
  const registry = registryOver(
    cache.temporary.table,
    slowToSync(cache.temporary.store, () => Promise.reject(full)),
  )
  await cache.pullManifest(registry)
  expect(await cache.pullLayer(registry)).toEqual(LAYER)
  await registry.fills.settled()
  expect(unkept).toEqual([full])
})

it(
  'is never mixed of two transfers, where the first lied and another process followed it',
  { timeout: 30_000 },
  async () => {
    const { table, store } = cache.temporary
    const seen = Promise.withResolvers<void>()
    const bringing = registryOver(
      table,
      slowToSync(store, () => seen.promise),
    )
    const following = registryOver(table, store)
    await cache.pullManifest(bringing)
    const digest = digestOfBytes(LAYER)
    cache.upstream.fail('blob-get', { kind: 'wrong-bytes' }, 1)
    const lied = cache.pullLayer(bringing).catch((error: unknown) => error)
    await expect.poll(() => cache.upstream.count('blob-get'), { timeout: 10_000 }).toBe(1)
    const read = await (
      await following.pulls.blob(cache.repository, digest, { keep: false })
    ).read('GET', undefined)
    if ('url' in read) throw new Error('nothing here redirects')
    const pieces = read.source[Symbol.asyncIterator]()
    // Of the first transfer, whose first byte is another.
    const first = await pieces.next()
    expect(first.done === true || first.value[0] === LAYER[0]).toBe(false)
    seen.resolve()
    expect(await lied).toBeInstanceOf(Error)
    expect(await cache.pullLayer(bringing)).toEqual(LAYER)
    await bringing.fills.settled()
    const rest = async (): Promise<void> => {
      while ((await pieces.next()).done !== true);
    }
    await expect(rest()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  },
)

it('costs two commits that wait for the disk, and none before the last byte', async () => {
  const { table } = cache.temporary
  const seen = { lazy: 0, lasting: 0 }
  const counted: Table = {
    get: (key) => table.get(key),
    getMany: (keys) => table.getMany(keys),
    query: (pk, query) => table.query(pk, query),
    scan: (page) => table.scan(page),
    transact: (writes, options) => {
      seen[options?.lazy === true ? 'lazy' : 'lasting']++
      return table.transact(writes, options)
    },
  }
  const registry = registryOver(counted, cache.temporary.store)
  await cache.pullManifest(registry)
  // The lease, the manifest with the links of its blobs, and the lease's end.
  expect(seen).toEqual({ lazy: 3, lasting: 0 })
  await cache.pullLayer(registry)
  await registry.fills.settled()
  // One before there may be an object, one that makes it a blob.
  expect(seen).toEqual({ lazy: 7, lasting: 2 })
})
