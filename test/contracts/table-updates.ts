import { TableLimitError } from '@sluice/core/ports/table-limits'
import type { Table } from '@sluice/core/ports/table'
import { describe, expect, it } from 'vitest'
import { partition } from './partition.ts'

export function describeUpdates(table: () => Table): void {
  describe('updates', () => {
    it('create an absent record, and count from 0', async () => {
      const update = { pk: partition(), sk: 'a' }
      await table().transact([{ update, set: { name: 'x' }, add: { n: 2 }, remove: ['gone'] }])
      expect(await table().get(update)).toStrictEqual({ name: 'x', n: 2 })
    })

    it('change what they name and keep the rest', async () => {
      const update = { pk: partition(), sk: 'a' }
      const bytes = Uint8Array.from([9])
      await table().transact([{ put: update, item: { keep: bytes, n: 5, gone: 1, map: { a: 1 } } }])
      await table().transact([
        { update, set: { map: { b: bytes } }, add: { n: -7, m: 0.5 }, remove: ['gone'] },
      ])
      expect(await table().get(update)).toStrictEqual({
        keep: bytes,
        n: -2,
        m: 0.5,
        map: { b: bytes },
      })
    })

    it('may only remove, and a record without attributes is still present', async () => {
      const update = { pk: partition(), sk: 'a' }
      await table().transact([{ put: update, item: { a: 1 } }])
      await table().transact([{ update, remove: ['a'] }])
      expect(await table().get(update)).toStrictEqual({})
      expect(await table().transact([{ check: update, when: 'present' }])).toStrictEqual({
        ok: true,
      })
    })

    it('take names that an encoding may use', async () => {
      const update = { pk: partition(), sk: 'a' }
      const name = 'a.b #:$'
      await table().transact([{ update, set: { $binary: 'x', [name]: 1 }, add: { $n: 1 } }])
      await table().transact([{ update, add: { $n: 1, [name]: 1 }, remove: ['$binary'] }])
      expect(await table().get(update)).toStrictEqual({ $n: 2, [name]: 2 })
    })

    it('throw when they add to what is no number, and the transaction has written nothing', async () => {
      const pk = partition()
      const update = { pk, sk: 'a' }
      await table().transact([{ put: update, item: { text: '1' } }])
      const writes = [
        { put: { pk, sk: 'b' }, item: {} },
        { update, add: { text: 1 } },
      ]
      await expect(table().transact(writes)).rejects.toThrow(Error)
      expect(await table().getMany([update, { pk, sk: 'b' }])).toStrictEqual([
        { text: '1' },
        undefined,
      ])
    })

    it('are refused when the record would grow beyond the limit', async () => {
      const update = { pk: partition(), sk: 'a' }
      await table().transact([{ put: update, item: { a: 'x'.repeat(300 * 1024) } }])
      await expect(
        table().transact([{ update, set: { b: 'x'.repeat(200 * 1024) } }]),
      ).rejects.toThrow(TableLimitError)
      expect(Object.keys((await table().get(update)) ?? {})).toStrictEqual(['a'])
    })

    it('are refused when they name nothing, or an attribute twice', async () => {
      const update = { pk: partition(), sk: 'a' }
      await expect(table().transact([{ update }])).rejects.toThrow(TableLimitError)
      await expect(table().transact([{ update, set: { a: 1 }, add: { a: 1 } }])).rejects.toThrow(
        TableLimitError,
      )
    })
  })
}
