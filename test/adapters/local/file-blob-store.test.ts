import { FileBlobStore } from '@sluice/adapters/local/file-blob-store'
import type { Value } from '@sluice/core/ports/table'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readlink, rename, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { describeBlobStore } from '../../contracts/blob-store.ts'
import { noise, sourceOf, textOf } from '../../contracts/sources.ts'
import { scratchDirectory } from './scratch-directory.ts'

const PROGRAM = fileURLToPath(new URL('./upload-process.ts', import.meta.url))
const KEY = 'blobs/ab/key'

const NO_STATES: readonly Value[] = [
  null,
  'x',
  {},
  { key: KEY, token: '../x', size: 0 },
  { key: KEY, token: 'a', size: 0.5 },
]

describeBlobStore('FileBlobStore', async () => {
  const root = await mkdtemp(join(tmpdir(), 'sluice-test-'))
  return { store: new FileBlobStore(root), close: () => rm(root, { recursive: true }) }
})

async function openScratch(): Promise<{ readonly root: string; readonly store: FileBlobStore }> {
  const root = join(await scratchDirectory(), 'made', 'when needed')
  return { root, store: new FileBlobStore(root) }
}

const uploads = async (root: string): Promise<number> =>
  (await readdir(join(root, 'uploads')).catch(() => [])).length

/** The files under `root` that this process has open. */
async function openFiles(root: string): Promise<readonly string[]> {
  const links = (await readdir('/proc/self/fd')).map((fd) => `/proc/self/fd/${fd}`)
  const targets = await Promise.all(links.map((link) => readlink(link).catch(() => '')))
  return targets.filter((target) => target.startsWith(root))
}

async function* stuck(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('from one who never goes on')
  await new Promise(() => {})
}

describe('FileBlobStore', () => {
  it.for([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '..',
    'a/../b',
    './a',
    'a.b',
    'A',
    'a\u0000',
    'uploads/a',
    'ä',
  ])('refuses the key %j', async (key) => {
    const { root, store } = await openScratch()
    for (const attempt of [
      () => store.open(key),
      () => store.write(key, sourceOf('x')),
      () => store.read(key),
      () => store.stat(key),
      () => store.delete(key),
      () => store.commit({ key, token: 'a', size: 0, again: false }),
    ]) {
      await expect(attempt()).rejects.toThrow(TypeError)
    }
    await expect(readdir(root)).rejects.toThrow('ENOENT')
  })

  it.for(NO_STATES)('refuses %j, which is no state', async (state) => {
    const { store } = await openScratch()
    await expect(store.commit(state)).rejects.toThrow(TypeError)
    await expect(store.append(state, sourceOf('x'))).rejects.toThrow(TypeError)
  })

  it('leaves no file of a failed write or a failed first append', async () => {
    const { root, store } = await openScratch()
    const gone = new Error('gone')
    await expect(store.write(KEY, sourceOf('x', gone))).rejects.toBe(gone)
    await expect(store.append(await store.open(KEY), sourceOf('x', gone))).rejects.toBe(gone)
    expect(await uploads(root)).toBe(0)
  })

  it('leaves only the object when it commits, whoever else had appended', async () => {
    const { root, store } = await openScratch()
    const { state } = await store.append(await store.open(KEY), sourceOf('a'))
    await store.append(state, sourceOf('b'))
    const again = await store.append(state, sourceOf('c'))
    await store.commit(again.state)
    expect(await textOf(await store.read(KEY))).toBe('ac')
    expect(await uploads(root)).toBe(0)
  })

  it('keeps what an earlier append has added, when a later one to the same state is the loser', async () => {
    const { store } = await openScratch()
    const { state } = await store.append(await store.open(KEY), sourceOf('a'))
    const winner = await store.append(state, sourceOf('b'))
    await store.append(state, sourceOf('c'))
    await store.commit(winner.state)
    expect(await textOf(await store.read(KEY))).toBe('ab')
  })

  it('stops an append that waits for its client when another request comes', async () => {
    const { store } = await openScratch()
    const begun = await store.open(KEY)
    for (const later of [
      async () => store.append(begun, sourceOf('from the one who came back')),
      async () => store.abort(begun),
      async () => store.commit(begun),
    ]) {
      const [earlier] = await Promise.allSettled([store.append(begun, stuck()), later()])
      expect(earlier).toMatchObject({ status: 'rejected', reason: { name: 'StorageError' } })
    }
    expect(await store.stat(KEY)).toStrictEqual({ size: 0 })
  })

  it('goes on after a process that died in the middle', async () => {
    const { root, store } = await openScratch()
    const { state } = await store.append(await store.open(KEY), sourceOf('before '))
    const other = spawn(process.execPath, [PROGRAM, root, JSON.stringify(state)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(other.stdout, 'data')
    other.kill('SIGKILL')
    await once(other, 'exit')
    expect(await textOf(store.reread(state))).toBe('before ')
    const after = await store.append(state, sourceOf('after'))
    await store.commit(after.state)
    expect(await textOf(await store.read(KEY))).toBe('before after')
    expect(await uploads(root)).toBe(0)
  })

  it('commits what its state says, though a dead process has added to it', async () => {
    const { root, store } = await openScratch()
    const { state } = await store.append(await store.open(KEY), sourceOf('before'))
    await store.append(state, sourceOf(' beyond'))
    await store.commit(state)
    expect(await textOf(await store.read(KEY))).toBe('before')
    expect(await uploads(root)).toBe(0)
  })

  it('finishes a commit that a crash has cut off after the rename', async () => {
    const { root, store } = await openScratch()
    const { state } = await store.append(await store.open(KEY), sourceOf('bytes'))
    const [name = ''] = await readdir(join(root, 'uploads'))
    await mkdir(join(root, 'blobs/ab'), { recursive: true })
    await rename(join(root, 'uploads', name), join(root, KEY))
    await store.commit(state)
    expect(await textOf(await store.read(KEY))).toBe('bytes')
  })

  it('says so when the bytes of an upload are gone', async () => {
    const { root, store } = await openScratch()
    const { state } = await store.append(await store.open(KEY), sourceOf('bytes'))
    await rm(join(root, 'uploads'), { recursive: true })
    const lost = { name: 'StorageError', reason: 'unavailable' }
    await expect(store.commit(state)).rejects.toMatchObject(lost)
    await expect(store.append(state, sourceOf('x'))).rejects.toMatchObject(lost)
    await expect(textOf(store.reread(state))).rejects.toMatchObject(lost)
  })

  it('says so when the bytes of an object are swept while they are written', async () => {
    const { root, store } = await openScratch()
    const sweptMeanwhile = (async function* () {
      yield Buffer.from('bytes')
      await rm(join(root, 'uploads'), { recursive: true })
    })()
    await expect(store.write(KEY, sweptMeanwhile)).rejects.toMatchObject({
      name: 'StorageError',
      reason: 'unavailable',
      message: `the 5 bytes of the upload to ${KEY} are gone`,
    })
    expect(await store.stat(KEY)).toBeUndefined()
  })

  it('holds no file of a reader that left early, or never began', async () => {
    const { root, store } = await openScratch()
    await store.write(KEY, sourceOf(...noise(5_000_000, 'big')))
    const reader = await store.read(KEY)
    for await (const chunk of reader ?? []) {
      expect(chunk.byteLength).toBeGreaterThan(0)
      expect(await openFiles(root)).toHaveLength(1)
      break
    }
    await store.read(KEY)
    const never = (await store.read(KEY))?.[Symbol.asyncIterator]()
    await never?.return?.()
    expect(await openFiles(root)).toStrictEqual([])
  })

  it('tells a reader that the file was cut short under it, however late the reader comes back', async () => {
    const { root, store } = await openScratch()
    await store.write(KEY, sourceOf(...noise(5_000_000, 'cut')))
    const slowly = async (): Promise<void> => {
      for await (const chunk of (await store.read(KEY)) ?? []) {
        expect(chunk.byteLength).toBeGreaterThan(0)
        await truncate(join(root, KEY), 10)
        await setTimeout(20)
      }
    }
    await expect(slowly()).rejects.toMatchObject({ name: 'StorageError', reason: 'unavailable' })
    expect(await openFiles(root)).toStrictEqual([])
  })

  it('refuses a range beyond the object', async () => {
    const { store } = await openScratch()
    await store.write(KEY, sourceOf('12345'))
    await expect(store.read(KEY, { start: 0, end: 5 })).rejects.toThrow(RangeError)
    await expect(store.read(KEY, { start: -1, end: 3 })).rejects.toThrow(RangeError)
  })

  it('removes the directories that a deletion empties, but not its root', async () => {
    const { root, store } = await openScratch()
    await store.write('blobs/ab/one', sourceOf('1'))
    await store.write('blobs/cd/two', sourceOf('2'))
    await store.delete('blobs/ab/one')
    expect(await readdir(join(root, 'blobs'))).toStrictEqual(['cd'])
    await store.delete('blobs/cd/two')
    expect(await readdir(root)).toStrictEqual(['uploads'])
  })
})
