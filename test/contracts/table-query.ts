import { MAX_PAGE_BYTES, recordBytes } from '@sluice/core/ports/table-limits'
import type { Page, Query, Table, TableRecord } from '@sluice/core/ports/table'
import { describe, expect, it } from 'vitest'
import { partition } from './partition.ts'

/** In the order of UTF-8: U+FFFF before what UTF-16 writes as surrogate pairs, which JavaScript would put first. */
const IN_BYTE_ORDER = [
  '- 0 10 9 A Z a a\u0001 a# a-b a/b ab a\u07ff a\ud7ff a\ue000 a\uffff a\u{10000}',
  'a\u{10ffff} a\u{10ffff}x b é 漢 \ufffd 😀',
].flatMap((line) => line.split(' '))

const names = ({ records }: Page): readonly string[] => records.map(({ sk }) => sk)

export function describeQuery(table: () => Table): void {
  const fill = async (sks: readonly string[]): Promise<string> => {
    const pk = partition()
    await table().transact(sks.toReversed().map((sk) => ({ put: { pk, sk }, item: {} })))
    return pk
  }
  const pages = async (pk: string, query: Query): Promise<readonly Page[]> => {
    const found = [await table().query(pk, query)]
    for (let next = found[0]?.next; next !== undefined; next = found.at(-1)?.next) {
      found.push(await table().query(pk, { ...query, after: next }))
    }
    return found
  }

  describe('a query', () => {
    it('answers in the order of the bytes of UTF-8, and backwards', async () => {
      const pk = await fill(IN_BYTE_ORDER)
      expect(names(await table().query(pk, { limit: 100 }))).toStrictEqual(IN_BYTE_ORDER)
      expect(names(await table().query(pk, { limit: 100, reverse: true }))).toStrictEqual(
        IN_BYTE_ORDER.toReversed(),
      )
    })

    it.for(['a', 'a\ud7ff', 'a\u{10ffff}', '\u{1f600}', 'a/', 'none', 'é'])(
      'with the prefix %j answers what begins with it',
      async (prefix) => {
        const pk = await fill(IN_BYTE_ORDER)
        const expected = IN_BYTE_ORDER.filter((sk) => sk.startsWith(prefix))
        for (const reverse of [false, true]) {
          const found = (await pages(pk, { prefix, limit: 3, reverse })).flatMap(names)
          expect(found).toStrictEqual(reverse ? expected.toReversed() : expected)
        }
      },
    )

    it('after a key, present or not, answers what is greater, or less with reverse', async () => {
      const pk = await fill(['a', 'b', 'd', 'e'])
      const after = async (query: Omit<Query, 'limit'>) =>
        names(await table().query(pk, { ...query, limit: 10 }))
      expect(await after({ after: 'b' })).toStrictEqual(['d', 'e'])
      expect(await after({ after: 'c' })).toStrictEqual(['d', 'e'])
      expect(await after({ after: 'e' })).toStrictEqual([])
      expect(await after({ after: 'd', reverse: true })).toStrictEqual(['b', 'a'])
      expect(await after({ after: 'c', reverse: true })).toStrictEqual(['b', 'a'])
      expect(await after({ after: 'a', reverse: true })).toStrictEqual([])
    })

    it('after a key outside of its prefix answers what satisfies both', async () => {
      const pk = await fill(['a', 'm#1', 'm#2', 'z'])
      const after = async (query: Omit<Query, 'limit'>) =>
        names(await table().query(pk, { prefix: 'm#', ...query, limit: 10 }))
      expect(await after({ after: 'a' })).toStrictEqual(['m#1', 'm#2'])
      expect(await after({ after: 'm#1' })).toStrictEqual(['m#2'])
      expect(await after({ after: 'n' })).toStrictEqual([])
      expect(await after({ after: 'z', reverse: true })).toStrictEqual(['m#2', 'm#1'])
      expect(await after({ after: 'm#2', reverse: true })).toStrictEqual(['m#1'])
      expect(await after({ after: 'a', reverse: true })).toStrictEqual([])
    })

    it('has a next on every page but the last, even where that is full', async () => {
      const pk = await fill(['a', 'b', 'c', 'd'])
      for (const reverse of [false, true]) {
        const found = await pages(pk, { limit: 2, reverse })
        expect(found.map(({ records }) => records.length)).toStrictEqual([2, 2])
        const all = await table().query(pk, { limit: 4, reverse })
        expect(all.records).toHaveLength(4)
        expect(all).not.toHaveProperty('next')
      }
    })

    it('of an empty partition is an empty page', async () => {
      expect(await table().query(partition(), { limit: 1 })).toStrictEqual({ records: [] })
    })

    it('sees its own partition only', async () => {
      const pk = await fill(['a'])
      await table().transact([{ put: { pk: `${pk}1`, sk: 'b' }, item: {} }])
      expect(names(await table().query(pk, { limit: 10 }))).toStrictEqual(['a'])
    })

    it('ends a page at 1 MB', async () => {
      const pk = partition()
      const text = 'x'.repeat(300 * 1024)
      const sks = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
      await table().transact(sks.map((sk) => ({ put: { pk, sk }, item: { text } })))
      for (const reverse of [false, true]) {
        const found = await pages(pk, { limit: 1000, reverse })
        expect(found.flatMap(names)).toStrictEqual(reverse ? sks.toReversed() : sks)
        for (const { records } of found)
          expect(bytesBeforeLast(records)).toBeLessThan(MAX_PAGE_BYTES)
      }
    })
  })
}

/** An engine may count the record that crosses the limit into the page. */
function bytesBeforeLast(records: readonly TableRecord[]): number {
  return records.slice(0, -1).reduce((sum, record) => sum + recordBytes(record, record.item), 0)
}
