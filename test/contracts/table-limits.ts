import {
  MAX_ITEM_BYTES,
  MAX_PK_BYTES,
  MAX_SK_BYTES,
  recordBytes,
  TableLimitError,
} from '@sluice/core/ports/table-limits'
import type { Item, Key, Table, Value, Write } from '@sluice/core/ports/table'
import { describe, expect, it } from 'vitest'
import { partition } from './partition.ts'

const numbered = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at)

/** An item that makes the record exactly so many bytes. */
function itemOf(key: Key, bytes: number): Item {
  return { text: 'x'.repeat(bytes - recordBytes(key, { text: '' })) }
}

function nested(depth: number): Value {
  return depth === 0 ? 'inner' : [nested(depth - 1)]
}

export function describeLimits(table: () => Table): void {
  const refuse = async (writes: readonly Write[]): Promise<void> => {
    await expect(table().transact(writes)).rejects.toThrow(TableLimitError)
  }

  describe('limits', () => {
    it('a transaction has 1 to 100 writes', async () => {
      const pk = partition()
      const puts = numbered(101).map((at) => ({ put: { pk, sk: `${at}` }, item: { at } }))
      await refuse(puts)
      await refuse([])
      expect(await table().transact(puts.slice(1))).toStrictEqual({ ok: true })
      expect((await table().query(pk, { limit: 200 })).records).toHaveLength(100)
    })

    it('a record has at most 400 KB', async () => {
      const key = { pk: partition(), sk: 'a' }
      await refuse([{ put: key, item: itemOf(key, MAX_ITEM_BYTES + 1) }])
      const item = itemOf(key, MAX_ITEM_BYTES)
      expect(await table().transact([{ put: key, item }])).toStrictEqual({ ok: true })
      expect(await table().get(key)).toStrictEqual(item)
    })

    it('a transaction has at most 4 MB', async () => {
      const pk = partition()
      const puts = numbered(11).map((at) => {
        const put = { pk, sk: `${at}` }
        return { put, item: itemOf(put, 390 * 1024) }
      })
      await refuse(puts)
      expect(await table().transact(puts.slice(1))).toStrictEqual({ ok: true })
    })

    it('keys are not empty, and not longer in bytes than the engine keeps', async () => {
      const pk = partition()
      const longest = {
        pk: pk + 'é'.repeat(6) + 'x'.repeat(MAX_PK_BYTES - 12 - pk.length),
        sk: 'a',
      }
      const longestSk = { pk, sk: 'é'.repeat(MAX_SK_BYTES / 2) }
      for (const key of [longest, longestSk]) {
        await table().transact([{ put: key, item: { here: true } }])
        expect(await table().get(key)).toStrictEqual({ here: true })
      }
      for (const key of [
        { pk: `${longest.pk}x`, sk: 'a' },
        { pk, sk: `${longestSk.sk}x` },
        { pk, sk: '' },
        { pk, sk: 'half a pair: \ud83d' },
        { pk: '', sk: 'a' },
      ]) {
        await refuse([{ put: key, item: {} }])
        await refuse([{ check: key, when: 'absent' }])
        await expect(table().get(key)).rejects.toThrow(TableLimitError)
        await expect(table().getMany([key])).rejects.toThrow(TableLimitError)
      }
    })

    it('no two writes, and no two keys of getMany, are on one record', async () => {
      const key = { pk: partition(), sk: 'a' }
      await refuse([{ put: key, item: {} }, { delete: { ...key } }])
      await expect(table().getMany([key, { ...key }])).rejects.toThrow(TableLimitError)
    })

    it('getMany takes at most 100 keys', async () => {
      const pk = partition()
      const keys = numbered(101).map((at) => ({ pk, sk: `${at}` }))
      await expect(table().getMany(keys)).rejects.toThrow(TableLimitError)
      expect(await table().getMany(keys.slice(1))).toHaveLength(100)
    })

    it.for([0, -1, 1.5, 1001, Number.NaN])('no page has %d records', async (limit) => {
      await expect(table().query(partition(), { limit })).rejects.toThrow(TableLimitError)
      await expect(table().scan({ limit })).rejects.toThrow(TableLimitError)
    })

    it('values are finite, defined and nested no deeper than 32', async () => {
      const put = { pk: partition(), sk: 'a' }
      await refuse([{ put, item: { n: Number.NaN } }])
      await refuse([{ put, item: { n: [Number.POSITIVE_INFINITY] } }])
      await refuse([{ update: put, add: { n: Number.POSITIVE_INFINITY } }])
      await refuse([{ put, item: { deep: nested(40) } }])
      const item = { deep: nested(30) }
      await table().transact([{ put, item }])
      expect(await table().get(put)).toStrictEqual(item)
    })

    it('names are not empty, and numbers neither too large nor too small', async () => {
      const put = { pk: partition(), sk: 'a' }
      await refuse([{ put, item: { '': 'nameless' } }])
      await refuse([{ put, item: { map: { '': 'nameless' } } }])
      for (const number of [1e126, -1e126, 9e-131]) {
        await refuse([{ put, item: { number } }])
        await refuse([{ update: put, set: { number: [number] } }])
        await refuse([{ update: put, add: { number } }])
      }
      const item = { list: ['', 0, 9.999999999999998e125, -1e-130], map: { empty: '' } }
      await table().transact([{ put, item }])
      expect(await table().get(put)).toStrictEqual(item)
    })

    it('pk and sk are no attributes, and a condition compares something', async () => {
      const put = { pk: partition(), sk: 'a' }
      await refuse([{ put, item: { pk: 'other' } }])
      await refuse([{ update: put, set: { sk: 'other' } }])
      await refuse([{ put, item: {}, when: { equals: {} } }])
      expect(await table().get(put)).toBeUndefined()
    })
  })
}
