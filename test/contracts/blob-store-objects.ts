import type { BlobStore, StoredObject } from '@sluice/core/ports/blob-store'
import { describe, expect, it } from 'vitest'
import { digestOf, noise, objectKey, sourceOf, textOf } from './sources.ts'

const FULL = { start: 0, end: 9 }
const RANGES = [FULL, { start: 0, end: 0 }, { start: 3, end: 6 }, { start: 9, end: 9 }]

export function describeObjects(store: () => BlobStore): void {
  const listed = async (limit: number, keys: readonly string[]): Promise<StoredObject[]> => {
    const objects: StoredObject[] = []
    let after: string | undefined
    do {
      const page = await store().list({ limit, ...(after !== undefined && { after }) })
      expect(page.objects.length).toBeLessThanOrEqual(limit)
      objects.push(...page.objects)
      after = page.next
    } while (after !== undefined)
    return objects.filter(({ key }) => keys.includes(key))
  }

  describe('an object', () => {
    it('is written in one call', async () => {
      const key = objectKey()
      expect(await store().write(key, sourceOf('one ', 'two'))).toStrictEqual({ size: 7 })
      expect(await textOf(await store().read(key))).toBe('one two')
    })

    it('is never replaced: whoever comes to its key later throws', async () => {
      const key = objectKey()
      const slow = await store().append(await store().open(key), sourceOf('slow'))
      await store().write(key, sourceOf('first'))
      await expect(store().commit(slow.state)).rejects.toThrow(Error)
      await expect(store().write(key, sourceOf('second'))).rejects.toThrow(Error)
      expect(await textOf(await store().read(key))).toBe('first')
    })

    it('may be empty', async () => {
      const key = objectKey()
      expect(await store().write(key, sourceOf())).toStrictEqual({ size: 0 })
      expect(await store().stat(key)).toStrictEqual({ size: 0 })
      expect(await textOf(await store().read(key))).toBe('')
    })

    it('is not there when its source throws, and what it threw comes through', async () => {
      const key = objectKey()
      const gone = new Error('the client is gone')
      const source = sourceOf('lost', ...noise(6_000_000, 'lost'), gone)
      await expect(store().write(key, source)).rejects.toBe(gone)
      expect(await store().stat(key)).toBeUndefined()
      expect(await store().read(key)).toBeUndefined()
    })

    it('of megabytes comes back whole, and from the middle', async () => {
      const key = objectKey()
      const bytes = Buffer.concat([...noise(9_000_000, 'whole')])
      await store().write(key, sourceOf(bytes))
      expect(await digestOf((await store().read(key)) ?? [])).toBe(await digestOf([bytes]))
      const range = { start: 1_000_001, end: 7_999_999 }
      const part = bytes.subarray(range.start, range.end + 1)
      expect(await digestOf((await store().read(key, range)) ?? [])).toBe(await digestOf([part]))
    })

    it.for(RANGES)('answers the bytes %j, both included', async (range) => {
      const key = objectKey()
      await store().write(key, sourceOf('0123456789'))
      const expected = '0123456789'.slice(range.start, range.end + 1)
      expect(await textOf(await store().read(key, range))).toBe(expected)
    })

    it('may be read by many at once, and left before its end', async () => {
      const key = objectKey()
      await store().write(key, sourceOf(...noise(6_000_000, 'many')))
      const early = await store().read(key)
      for await (const chunk of early ?? []) {
        expect(chunk.byteLength).toBeGreaterThan(0)
        break
      }
      await store().read(key)
      const digests = await Promise.all(
        [1, 2, 3].map(async () => digestOf((await store().read(key)) ?? [])),
      )
      expect(new Set(digests)).toStrictEqual(new Set([await digestOf(noise(6_000_000, 'many'))]))
    })

    it('that is absent is undefined', async () => {
      expect(await store().read(objectKey())).toBeUndefined()
      expect(await store().read(objectKey(), FULL)).toBeUndefined()
      expect(await store().stat(objectKey())).toBeUndefined()
    })

    it('is gone when deleted, and may be deleted again', async () => {
      const key = objectKey()
      await store().write(key, sourceOf('bytes'))
      await store().delete(key)
      await store().delete(key)
      await store().delete(objectKey())
      expect(await store().stat(key)).toBeUndefined()
      expect(await listed(1000, [key])).toStrictEqual([])
    })

    it('leaves its neighbours when deleted, and room for new ones', async () => {
      const parent = objectKey()
      const [one, two] = [`${parent}/one`, `${parent}/two`]
      for (let round = 0; round < 20; round++) {
        await store().write(one, sourceOf('one'))
        await Promise.all([store().delete(one), store().write(two, sourceOf('two'))])
        expect(await textOf(await store().read(two))).toBe('two')
        await store().delete(two)
      }
    })

    it('has a link for one method, or none and is streamed', async () => {
      const key = objectKey()
      await store().write(key, sourceOf('bytes'))
      const contentType = 'application/vnd.test'
      const link = await store().link(key, { method: 'GET', ttl: 60, contentType })
      const head = await store().link(key, { method: 'HEAD', ttl: 60, contentType })
      expect(link === undefined).toBe(head === undefined)
      if (link === undefined || head === undefined) return
      const answer = await fetch(link)
      expect(answer.headers.get('content-type')).toBe(contentType)
      expect(await answer.text()).toBe('bytes')
      expect((await fetch(head, { method: 'HEAD' })).headers.get('content-length')).toBe('5')
      expect((await fetch(link, { method: 'HEAD' })).ok).toBe(false)
    })
  })

  describe('list', () => {
    it('names the objects in the order of their keys, page by page', async () => {
      const top = objectKey()
      const keys = ['a', 'a-b/c', 'a_/d', 'b/c/d', 'b/c-d', 'b0', 'c'].map((key) => `${top}/${key}`)
      for (const key of keys) await store().write(key, sourceOf(key))
      for (const limit of [3, 1000]) {
        const objects = await listed(limit, keys)
        expect(objects.map(({ key }) => key)).toStrictEqual(keys.toSorted())
        for (const { key, size, modifiedAt } of objects) {
          expect(size).toBe(key.length)
          expect(Math.abs(Date.now() - modifiedAt)).toBeLessThan(600_000)
        }
      }
    })

    it('does not name what was never committed', async () => {
      const key = objectKey()
      const state = await store().append(await store().open(key), sourceOf('bytes'))
      expect(await listed(1000, [key])).toStrictEqual([])
      await store().abort(state.state)
    })
  })
}
