import type { Item, Table } from '@sluice/core/ports/table'
import { describe, expect, it } from 'vitest'
import { partition } from './partition.ts'

const ITEMS: Readonly<Record<string, Item>> = {
  'text, also empty and beyond the BMP': { a: 'text', empty: '', far: 'ä 漢 😀 \u0000 \u2028' },
  numbers: { zero: 0, less: -1.5, most: Number.MAX_SAFE_INTEGER, tiny: 1e-9 },
  'truth and null': { yes: true, no: false, none: null },
  bytes: { some: Uint8Array.from([0, 1, 255]), none: new Uint8Array() },
  'lists and maps': { list: [1, 'two', [3], { four: 4 }, null], map: { a: { b: {} } }, none: [] },
  'bytes in lists and maps': { list: [{ deep: Uint8Array.from([7]) }] },
  'names that an encoding may use': {
    $binary: 'AQ==',
    map: { $binary: 'AQ==', $$binary: [{ $binary: Uint8Array.from([1]) }], S: 'x', B: 'y' },
  },
  'no attributes at all': {},
}

export function describeValues(table: () => Table): void {
  describe('values', () => {
    it.for(Object.entries(ITEMS))('come back as they went in: %s', async ([, item]) => {
      const key = { pk: partition(), sk: 'a' }
      await table().transact([{ put: key, item }])
      expect(await table().get(key)).toStrictEqual(item)
      const page = await table().query(key.pk, { limit: 1 })
      expect(page).toStrictEqual({ records: [{ ...key, item }] })
    })

    it('bytes come back as a Uint8Array, whatever view of a buffer went in', async () => {
      const key = { pk: partition(), sk: 'a' }
      const view = Buffer.from('within a longer buffer').subarray(7, 8)
      await table().transact([{ put: key, item: { view } }])
      expect(await table().get(key)).toStrictEqual({ view: Uint8Array.from(view) })
    })

    it('an absent record is undefined, also when it was present', async () => {
      const key = { pk: partition(), sk: 'a' }
      expect(await table().get(key)).toBeUndefined()
      await table().transact([{ put: key, item: { a: 1 } }])
      await table().transact([{ delete: key }])
      expect(await table().get(key)).toBeUndefined()
    })

    it('getMany answers in the order of its keys', async () => {
      const pk = partition()
      const keys = ['c', 'a', 'b'].map((sk) => ({ pk, sk }))
      await table().transact(keys.slice(0, 2).map((put) => ({ put, item: { name: put.sk } })))
      expect(await table().getMany(keys)).toStrictEqual([{ name: 'c' }, { name: 'a' }, undefined])
      expect(await table().getMany([])).toStrictEqual([])
    })

    it('a change made to an item after its put does not reach the record', async () => {
      const key = { pk: partition(), sk: 'a' }
      const list = [1]
      await table().transact([{ put: key, item: { list } }])
      list.push(2)
      expect(await table().get(key)).toStrictEqual({ list: [1] })
    })

    it('keys that look alike when joined are different records', async () => {
      const pk = partition()
      await table().transact([
        { put: { pk, sk: '12' }, item: { which: 1 } },
        { put: { pk: `${pk}1`, sk: '2' }, item: { which: 2 } },
      ])
      expect(await table().get({ pk, sk: '12' })).toStrictEqual({ which: 1 })
      expect(await table().get({ pk: `${pk}1`, sk: '2' })).toStrictEqual({ which: 2 })
    })
  })
}
