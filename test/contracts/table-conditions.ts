import type { Condition, Table, Write } from '@sluice/core/ports/table'
import { describe, expect, it } from 'vitest'
import { partition } from './partition.ts'

const ITEM = { text: 'a', number: 1, yes: true, bytes: Uint8Array.from([1]) }

const HOLDS_IF_PRESENT: readonly Condition[] = [
  'present',
  { equals: { text: 'a' } },
  { equals: { number: 1, yes: true } },
]

const FAILS_IF_PRESENT: readonly Condition[] = [
  'absent',
  { equals: { text: 'b' } },
  { equals: { text: 'a', number: 2 } },
  { equals: { number: '1' } },
  { equals: { yes: 'true' } },
  { equals: { yes: false } },
  { equals: { missing: 'a' } },
  { equals: { toString: 'a' } },
]

export function describeConditions(table: () => Table): void {
  describe('conditions', () => {
    it.for(HOLDS_IF_PRESENT)('of a present record: %j holds', async (when) => {
      const check = { pk: partition(), sk: 'a' }
      await table().transact([{ put: check, item: ITEM }])
      expect(await table().transact([{ check, when }])).toStrictEqual({ ok: true })
    })

    it.for(FAILS_IF_PRESENT)('of a present record: %j does not hold', async (when) => {
      const check = { pk: partition(), sk: 'a' }
      await table().transact([{ put: check, item: ITEM }])
      expect(await table().transact([{ check, when }])).toStrictEqual({ ok: false, failed: [0] })
    })

    it('of an absent record: only "absent" holds', async () => {
      const pk = partition()
      const conditions: readonly Condition[] = ['absent', 'present', { equals: { text: 'a' } }]
      const writes = conditions.map((when, at) => ({ check: { pk, sk: `${at}` }, when }))
      expect(await table().transact(writes)).toStrictEqual({ ok: false, failed: [1, 2] })
      expect(await table().transact(writes.slice(0, 1))).toStrictEqual({ ok: true })
    })

    it('guard every kind of write, and one that fails undoes all', async () => {
      const pk = partition()
      const there = { pk, sk: 'there' }
      await table().transact([{ put: there, item: ITEM }])
      const writes: readonly Write[] = [
        { put: { pk, sk: 'new' }, item: { a: 1 } },
        { update: there, set: { text: 'changed' } },
        { put: { pk, sk: 'p' }, item: {}, when: 'present' },
        { update: { pk, sk: 'u' }, set: { a: 1 }, when: 'present' },
        { check: { pk, sk: 'c' }, when: 'absent' },
        { delete: { pk, sk: 'd' }, when: 'present' },
      ]
      expect(await table().transact(writes)).toStrictEqual({ ok: false, failed: [2, 3, 5] })
      expect((await table().query(pk, { limit: 10 })).records).toStrictEqual([
        { ...there, item: ITEM },
      ])
    })

    it('names every failed position of a hundred, ascending', async () => {
      const pk = partition()
      const writes = Array.from({ length: 100 }, (_, at) => ({
        check: { pk, sk: `${at}` },
        when: at % 3 === 0 ? ('present' as const) : ('absent' as const),
      }))
      const failed = Array.from({ length: 34 }, (_, at) => at * 3)
      expect(await table().transact(writes)).toStrictEqual({ ok: false, failed })
    })

    it('see what stood before the transaction, not its own writes', async () => {
      const pk = partition()
      const key = { pk, sk: 'a' }
      expect(await table().transact([{ put: key, item: { n: 1 }, when: 'absent' }])).toStrictEqual({
        ok: true,
      })
      const again = [{ put: key, item: { n: 2 }, when: { equals: { n: 1 } } }]
      expect(await table().transact(again)).toStrictEqual({ ok: true })
      expect(await table().transact(again)).toStrictEqual({ ok: false, failed: [0] })
    })

    it('none: a delete of what is absent succeeds, a put replaces the whole record', async () => {
      const key = { pk: partition(), sk: 'a' }
      expect(await table().transact([{ delete: key }])).toStrictEqual({ ok: true })
      await table().transact([{ put: key, item: { a: 1, b: 2 } }])
      await table().transact([{ put: key, item: { b: 3 } }])
      expect(await table().get(key)).toStrictEqual({ b: 3 })
    })
  })
}
