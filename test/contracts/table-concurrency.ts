import type { Table } from '@sluice/core/ports/table'
import { describe, expect, it } from 'vitest'
import { partition } from './partition.ts'

export function describeConcurrency(table: () => Table): void {
  describe('many at once', () => {
    it('add up, none lost', async () => {
      const update = { pk: partition(), sk: 'counter' }
      await Promise.all(
        Array.from({ length: 50 }, () => table().transact([{ update, add: { n: 1, twice: 2 } }])),
      )
      expect(await table().get(update)).toStrictEqual({ n: 50, twice: 100 })
    })

    it('of puts that want the record absent exactly one wins', async () => {
      const put = { pk: partition(), sk: 'a' }
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, by) =>
          table().transact([{ put, item: { by }, when: 'absent' }]),
        ),
      )
      const winners = outcomes.flatMap(({ ok }, by) => (ok ? [by] : []))
      expect(winners).toHaveLength(1)
      expect(await table().get(put)).toStrictEqual({ by: winners[0] })
    })

    it('are isolated: no two decide on a state that the other is changing', async () => {
      const pk = partition()
      for (let round = 0; round < 10; round++) {
        const left = { pk, sk: `${round} left` }
        const right = { pk, sk: `${round} right` }
        const outcomes = await Promise.all([
          table().transact([
            { check: left, when: 'absent' },
            { put: right, item: {} },
          ]),
          table().transact([
            { check: right, when: 'absent' },
            { put: left, item: {} },
          ]),
        ])
        expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
      }
    })

    it('read, decide and write again lose nothing', async () => {
      const key = { pk: partition(), sk: 'a' }
      await table().transact([{ put: key, item: { version: 0 } }])
      const increment = async (): Promise<void> => {
        for (;;) {
          const version = Number((await table().get(key))?.['version'])
          const write = { put: key, item: { version: version + 1 }, when: { equals: { version } } }
          if ((await table().transact([write])).ok) return
        }
      }
      await Promise.all(Array.from({ length: 8 }, increment))
      expect(await table().get(key)).toStrictEqual({ version: 8 })
    })

    it('a lazy transaction is seen and counted like any other', async () => {
      const key = { pk: partition(), sk: 'a' }
      await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          table().transact([{ update: key, add: { n: 1 } }], { lazy: at % 2 === 0 }),
        ),
      )
      expect(await table().get(key)).toStrictEqual({ n: 20 })
      const put = { put: key, item: {}, when: 'absent' } as const
      expect(await table().transact([put], { lazy: true })).toEqual({ ok: false, failed: [0] })
    })

    it('a read sees every write acknowledged before it', async () => {
      const key = { pk: partition(), sk: 'a' }
      for (let n = 0; n < 30; n++) {
        await table().transact([{ put: key, item: { n } }])
        expect(await table().get(key)).toStrictEqual({ n })
        expect(await table().getMany([key])).toStrictEqual([{ n }])
        expect((await table().query(key.pk, { limit: 1 })).records[0]?.item).toStrictEqual({ n })
      }
    })
  })
}
