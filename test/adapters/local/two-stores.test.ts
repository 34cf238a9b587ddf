/** Two threads have a store each over one root; only whoever holds an upload's claim records what it appended. */
import { FileBlobStore } from '@sluice/adapters/local/file-blob-store'
import type { Source } from '@sluice/core/ports/blob-store'
import { promises } from 'node:fs'
import { link, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
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

    const { source, begun, goOn } = held()
    const late = slow.append(state, source)
    await begun
    const kept = await quick.append(state, sourceOf('kept'))
    goOn()
    await Promise.allSettled([late])
    await quick.commit(kept.state)
    expect(await textOf(await quick.read(key))).toBe(`${before}kept`)
    expect(await readdir(join(root, 'uploads'))).toEqual([])
  },
)

it.for(['', 'before'])(
  'FileBlobStore: an append that goes on after the commit changes no byte of the object (%j)',
  async (before) => {
    const root = await scratchDirectory()
    const [slow, quick] = [new FileBlobStore(root), new FileBlobStore(root)]
    const key = objectKey()
    let state = await quick.open(key)
    if (before) state = (await quick.append(state, sourceOf(before))).state
    const { source, begun, goOn } = held()
    const late = slow.append(state, source)
    await begun
    await quick.commit(state)
    goOn()
    await Promise.allSettled([late])
    expect(await textOf(await quick.read(key))).toBe(before)
    expect(await readdir(join(root, 'uploads'))).toEqual([])
  },
)

it('FileBlobStore: an append that has opened its file and then sleeps changes no byte of the object', async () => {
  const { slow, quick, key, state } = await oneUpload('before')
  const sleep = sleepingOpen('after')
  const late = slow.append(state, sourceOf(' and more'))
  await sleep.begun
  sleep.end()
  await quick.commit(state)
  sleep.goOn()
  await Promise.allSettled([late])
  expect(await textOf(await quick.read(key))).toBe('before')
})

it('FileBlobStore: an append that sleeps before it opens its file cuts nothing off that was added since', async () => {
  const { slow, quick, key, state } = await oneUpload('before')
  const sleep = sleepingOpen('before')
  const late = slow.append(state, sourceOf(' too late'))
  await sleep.begun
  sleep.end()
  const kept = await quick.append(state, sourceOf(' and kept'))
  sleep.goOn()
  await Promise.allSettled([late])
  await quick.commit(kept.state)
  expect(await textOf(await quick.read(key))).toBe('before and kept')
})

it('FileBlobStore: a commit of an older state takes nothing from the newer one', async () => {
  const { slow, quick, key, state } = await oneUpload('before')
  const newer = await quick.append(state, sourceOf(' and after'))
  await slow.commit(state)
  expect(await textOf(await slow.read(key))).toBe('before')
  // The newer upload is lost with its key. It is not told that all is well.
  await expect(quick.commit(newer.state)).rejects.toMatchObject({ reason: 'unavailable' })
})

it('FileBlobStore: finishes a commit that died after it made a copy the object', async () => {
  const { root, quick, key, state } = await oneUpload('before')
  const [name = ''] = await readdir(join(root, 'uploads'))
  await writeFile(join(root, 'uploads', `${name}.6`), '')
  await writeFile(join(root, 'uploads', name), 'before and what a dead one left')
  const copy = join(root, 'uploads', `${name}.copy1`)
  await writeFile(copy, 'before')
  await quick.write(objectKey(), sourceOf('for the directories'))
  await promises.mkdir(join(root, key, '..'), { recursive: true })
  await link(copy, join(root, key))
  const { ino } = await stat(copy)
  expect((await quick.listUploads(Infinity)).map((upload) => upload.key)).toEqual([key, key, key])
  await quick.commit(state)
  expect((await stat(join(root, key))).ino).toBe(ino)
  expect(await textOf(await quick.read(key))).toBe('before')
  expect(await readdir(join(root, 'uploads'))).toEqual([])
})

it.for(['before the removal', 'after the removal'])(
  'FileBlobStore: finishes a commit that died %s of the upload',
  async (when) => {
    const { root, quick, key, state } = await oneUpload('before')
    const [name = ''] = await readdir(join(root, 'uploads'))
    const upload = join(root, 'uploads', name)
    await writeFile(`${upload}.6`, '')
    await promises.mkdir(join(root, key, '..'), { recursive: true })
    await link(upload, join(root, key))
    if (when === 'after the removal') await rm(upload)
    await quick.commit(state)
    expect(await textOf(await quick.read(key))).toBe('before')
    expect(await readdir(join(root, 'uploads'))).toEqual([])
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

/** An upload that two threads know. */
async function oneUpload(before: string) {
  const root = await scratchDirectory()
  const [slow, quick] = [new FileBlobStore(root), new FileBlobStore(root)]
  const key = objectKey()
  const { state } = await quick.append(await quick.open(key), sourceOf(before))
  return { root, slow, quick, key, state }
}

/** Says when it is first asked for bytes, and has them when it is told. */
function held() {
  const { promise: go, resolve: goOn } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const source = (async function* (): Source {
    begin()
    await go
    yield Buffer.from('of the slow one, which comes too late and has more')
  })()
  return { source, begun, goOn }
}

/** Whoever opens a file to change it sleeps before or after, until `goOn`; from `end` on no more of them do. */
function sleepingOpen(when: 'before' | 'after') {
  const { promise: go, resolve: goOn } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const real = promises.open
  const set = (open: typeof real): void => {
    promises.open = open
    syncBuiltinESMExports()
  }
  const end = (): void => set(real)
  onTestFinished(end)
  const sleep = async (): Promise<void> => {
    begin()
    await go
  }
  set(async (path, flags, mode) => {
    if (flags === 'r+' && when === 'before') await sleep()
    const file = await real(path, flags, mode)
    if (flags === 'r+' && when === 'after') await sleep()
    return file
  })
  return { begun, goOn, end }
}
