import type { BlobStore, Source } from '@sluice/core/ports/blob-store'
import type { Value } from '@sluice/core/ports/table'
import { describe, expect, it } from 'vitest'
import { digestOf, noise, objectKey, slowSource, sourceOf, textOf } from './sources.ts'

/** A state as another process gets it: through a record. */
function handedOn(state: Value): Value {
  const text = JSON.stringify(state)
  expect(JSON.parse(text), 'a state is a plain value').toStrictEqual(state)
  expect(text.length).toBeLessThan(4096)
  return JSON.parse(text)
}

export function describeUploads(store: () => BlobStore): void {
  const append = async (state: Value, source: Source): Promise<Value> =>
    handedOn((await store().append(handedOn(state), source)).state)
  const committed = async (state: Value, key: string): Promise<string | undefined> => {
    await store().commit(handedOn(state))
    return textOf(await store().read(key))
  }

  describe('an upload', () => {
    it('goes on wherever its state is handed to, and becomes its object', async () => {
      const key = objectKey()
      const state = await store().open(key)
      const first = await store().append(handedOn(state), sourceOf('one ', '', 'two '))
      expect(first.size).toBe(8)
      const second = await store().append(handedOn(first.state), sourceOf('three'))
      expect(second.size).toBe(13)
      expect(await store().stat(key)).toBeUndefined()
      expect(await store().read(key)).toBeUndefined()
      expect(await committed(second.state, key)).toBe('one two three')
      expect(await store().stat(key)).toStrictEqual({ size: 13 })
    })

    it('takes megabytes, in appends of any size', async () => {
      const key = objectKey()
      let state = await store().open(key)
      const sizes = [6_000_000, 1, 3_333_333, 6_000_001]
      for (const size of sizes) state = await append(state, sourceOf(...noise(size, `${size}`)))
      await store().commit(state)
      const whole = sizes.flatMap((size) => [...noise(size, `${size}`)])
      expect(await digestOf((await store().read(key)) ?? [])).toBe(await digestOf(whole))
    })

    it('takes thousands of tiny chunks', async () => {
      const key = objectKey()
      const parts = Array.from({ length: 5000 }, (_, at) => `${at},`)
      const state = await append(await store().open(key), sourceOf(...parts))
      expect(await committed(state, key)).toBe(parts.join(''))
    })

    it('without a byte becomes an empty object', async () => {
      for (const appended of [false, true]) {
        const key = objectKey()
        let state = await store().open(key)
        if (appended) state = await append(state, sourceOf())
        expect(await committed(state, key)).toBe('')
        expect(await store().stat(key)).toStrictEqual({ size: 0 })
      }
    })

    it('keeps nothing of a source that throws, and throws what it threw', async () => {
      const key = objectKey()
      const gone = new Error('the client is gone')
      const begun = await store().open(key)
      await expect(store().append(begun, sourceOf('lost', gone))).rejects.toBe(gone)
      const state = await append(begun, sourceOf('kept '))
      await expect(
        store().append(state, sourceOf('lost', ...noise(6_000_000, 'lost'), gone)),
      ).rejects.toBe(gone)
      expect(await committed(await append(state, sourceOf('too')), key)).toBe('kept too')
    })

    it('committed after a failed append has what its state says', async () => {
      const key = objectKey()
      const state = await append(await store().open(key), sourceOf('kept'))
      const gone = new Error('the client is gone')
      await expect(store().append(state, sourceOf('lost', gone))).rejects.toBe(gone)
      expect(await committed(state, key)).toBe('kept')
    })

    it('can be read back as far as it has come, unless the technology cannot', async () => {
      const state = await append(await store().open(objectKey()), sourceOf('one ', 'two'))
      const begun = store().reread(await store().open(objectKey()))
      expect([await textOf(begun), await textOf(store().reread(state))]).toBeOneOf([
        ['', 'one two'],
        [undefined, undefined],
      ])
    })

    it('committed twice is committed once', async () => {
      const key = objectKey()
      const state = await append(await store().open(key), sourceOf('bytes'))
      await store().commit(state)
      expect(await committed(state, key)).toBe('bytes')
      const empty = objectKey()
      const begun = await store().open(empty)
      await store().commit(begun)
      expect(await committed(begun, empty)).toBe('')
    })

    it('aborted twice is aborted once, and is no object', async () => {
      const key = objectKey()
      const state = await append(await store().open(key), sourceOf('bytes'))
      await store().abort(state)
      await store().abort(handedOn(state))
      expect(await store().stat(key)).toBeUndefined()
      await expect(store().commit(state)).rejects.toThrow(Error)
      await store().abort(await store().open(objectKey()))
    })

    it('is aborted by any state of its key', async () => {
      const key = objectKey()
      const bytes = noise(6_000_000, 'aborted')
      const state = await append(await store().open(key), sourceOf(...bytes, 'rest'))
      await store().abort(await store().open(key))
      await expect(store().commit(state)).rejects.toThrow(Error)
      const uploads = await store().listUploads(Date.now() + 3_600_000)
      expect(uploads.filter((upload) => upload.key === key)).toStrictEqual([])
    })

    it('aborted after its commit leaves the object', async () => {
      const key = objectKey()
      const state = await append(await store().open(key), sourceOf('bytes'))
      await store().commit(state)
      await store().abort(state)
      expect(await textOf(await store().read(key))).toBe('bytes')
    })
  })

  describe('two appends to one state', () => {
    it.for(['', 'before '])(
      'one after the other: the later shows its bytes only',
      async (before) => {
        const key = objectKey()
        let state = await store().open(key)
        if (before) state = await append(state, sourceOf(before))
        await append(state, sourceOf('the loser, and longer'))
        const kept = await append(state, sourceOf('the winner'))
        expect(await committed(kept, key)).toBe(`${before}the winner`)
      },
    )

    it.for(['', 'before '])(
      'one after the other: the earlier, if it can be kept, shows its bytes only',
      async (before) => {
        const key = objectKey()
        let state = await store().open(key)
        if (before) state = await append(state, sourceOf(before))
        const kept = await append(state, sourceOf('the winner'))
        await append(state, sourceOf('the looser'))
        const [outcome] = await Promise.allSettled([committed(kept, key)])
        const shown = await textOf(await store().read(key))
        expect(shown).toBe(outcome.status === 'fulfilled' ? `${before}the winner` : undefined)
      },
    )

    it('at once: whichever is kept shows its bytes only', async () => {
      const key = objectKey()
      const state = await append(await store().open(key), sourceOf('before '))
      const contents = ['aaaa', 'bbbb']
      const outcomes = await Promise.allSettled(
        contents.map((content) => append(state, slowSource(content.slice(0, 2), content.slice(2)))),
      )
      const last = outcomes.findLastIndex(({ status }) => status === 'fulfilled')
      const outcome = outcomes[last]
      if (outcome?.status !== 'fulfilled') throw new Error('neither append succeeded')
      expect(await committed(outcome.value, key)).toBe(`before ${contents[last]}`)
    })
  })

  describe('listUploads', () => {
    it('names an upload that holds bytes until it is aborted, by a state that can abort it', async () => {
      const key = objectKey()
      const found = async (before: number) =>
        (await store().listUploads(before)).filter((upload) => upload.key === key)
      const begun = await store().open(key)
      const state = await append(begun, sourceOf(...noise(6_000_000, 'listed')))
      const hour = 3_600_000
      expect(await found(Date.now() - hour)).toStrictEqual([])
      const [upload, ...others] = await found(Date.now() + hour)
      expect(others).toStrictEqual([])
      if (upload === undefined) throw new Error('the upload is not listed')
      await store().abort(handedOn(upload.state))
      expect(await found(Date.now() + hour)).toStrictEqual([])
      await expect(store().commit(state)).rejects.toThrow(Error)
    })

    it('does not name one that was committed', async () => {
      const key = objectKey()
      await store().commit(await append(await store().open(key), sourceOf('bytes')))
      const uploads = await store().listUploads(Date.now() + 3_600_000)
      expect(uploads.map((upload) => upload.key)).not.toContain(key)
    })
  })
}
