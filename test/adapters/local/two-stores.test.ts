/** Two threads have a store each over one root; only whoever holds an upload's claim records what it appended. */
import { FileBlobStore } from '@sluice/adapters/local/file-blob-store'
import type { Source } from '@sluice/core/ports/blob-store'
import { expect, it } from 'vitest'
import { objectKey, sourceOf, textOf } from '../../contracts/sources.ts'
import { scratchDirectory } from './scratch-directory.ts'

it.for(['', 'before '])(
  'FileBlobStore: a slow append in another thread spoils no byte of the one that is kept (%j)',
  async (before) => {
    const root = await scratchDirectory()
    const [slow, quick] = [new FileBlobStore(root), new FileBlobStore(root)]
    const key = objectKey()
    let state = await quick.open(key)
    if (before) state = (await quick.append(state, sourceOf(before))).state

    const { promise: go, resolve: goOn } = Promise.withResolvers<void>()
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    async function* held(): Source {
      begin()
      await go
      yield Buffer.from('of the slow one, which comes too late and has more')
    }
    const late = slow.append(state, held())
    await begun
    const kept = await quick.append(state, sourceOf('kept'))
    goOn()
    await Promise.allSettled([late])
    await quick.commit(kept.state)
    expect(await textOf(await quick.read(key))).toBe(`${before}kept`)
  },
)

it('FileBlobStore: the failed write of one thread leaves the object of another', async () => {
  const root = await scratchDirectory()
  const [one, other] = [new FileBlobStore(root), new FileBlobStore(root)]
  const key = objectKey()
  await one.write(key, sourceOf('there'))
  await expect(other.write(key, sourceOf('late'))).rejects.toThrow('there already')
  expect(await textOf(await one.read(key))).toBe('there')
})
