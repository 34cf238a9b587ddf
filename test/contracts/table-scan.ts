import type { Table, TableRecord } from '@sluice/core/ports/table'
import { describe, expect, it } from 'vitest'
import { partition } from './partition.ts'

export function describeScan(table: () => Table): void {
  const scanned = async (limit: number, between = async () => {}): Promise<TableRecord[]> => {
    const records: TableRecord[] = []
    let after: string | undefined
    do {
      const page = await table().scan({ limit, ...(after !== undefined && { after }) })
      expect(page.records.length).toBeLessThanOrEqual(limit)
      records.push(...page.records)
      after = page.next
      await between()
    } while (after !== undefined)
    return records
  }

  describe('a scan', () => {
    it('sees every record of every partition once, whatever the size of its pages', async () => {
      const pks = [partition(), partition(), partition()]
      const keys = pks.flatMap((pk) => ['a', 'ä', '😀'].map((sk) => ({ pk, sk })))
      await table().transact(keys.map((put) => ({ put, item: { of: put.sk } })))
      for (const limit of [7, 1000]) {
        const ours = (await scanned(limit)).filter(({ pk }) => pks.includes(pk))
        expect(ours).toHaveLength(keys.length)
        expect(ours).toEqual(
          expect.arrayContaining(keys.map((key) => ({ ...key, item: { of: key.sk } }))),
        )
      }
    })

    it('sees once what stays, while other records come and go', async () => {
      const pk = partition()
      const stays = ['b', 'd', 'f', 'h'].map((sk) => ({ pk, sk }))
      await table().transact(stays.map((put) => ({ put, item: {} })))
      let round = 0
      const found = await scanned(50, async () => {
        const key = { pk, sk: `c${round++}` }
        await table().transact([{ put: key, item: {} }, { delete: { pk, sk: `c${round - 2}` } }])
      })
      const names = found.filter((record) => record.pk === pk).map(({ sk }) => sk)
      expect(names.filter((sk) => !sk.startsWith('c')).toSorted()).toStrictEqual([
        'b',
        'd',
        'f',
        'h',
      ])
      expect(new Set(names).size).toBe(names.length)
    })
  })
}
