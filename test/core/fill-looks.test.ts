/** Two processes that want one blob: however their looks fall, one of them fetches it. */
import type { Table } from '@sluice/core/ports/table'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ScriptedCache } from './scripted-cache.ts'

const LAYER = Buffer.alloc(100_000, 'layer')

let cache: ScriptedCache
beforeEach(async () => {
  cache = await ScriptedCache.open(LAYER)
})
afterEach(() => cache.close())

it('one looks whether it is here before, and whether somebody is at it after it came', async () => {
  const { table } = cache.temporary
  const first = cache.registryOver()
  await cache.pullManifest(first)

  const brought = Promise.withResolvers<void>()
  const asksForFill = Promise.withResolvers<void>()
  const late: Table = {
    get: async (key) => {
      if (key.pk.startsWith('fill#')) {
        asksForFill.resolve()
        await brought.promise
      }
      return table.get(key)
    },
    getMany: (keys) => table.getMany(keys),
    query: (pk, query) => table.query(pk, query),
    scan: (page) => table.scan(page),
    transact: (writes) => table.transact(writes),
  }
  const second = cache.pullLayer(cache.registryOver({ table: late }))
  await asksForFill.promise
  expect(await cache.pullLayer(first)).toEqual(LAYER)
  brought.resolve()
  expect(await second).toEqual(LAYER)
  expect(cache.upstream.count('blob-get')).toBe(1)
  const { problems } = await first.checker.check({ pause: 0 })
  expect(problems).toEqual([])
})
