import { FileBlobStore } from '@sluice/adapters/local/file-blob-store'
import { SqliteTable } from '@sluice/adapters/local/sqlite-table'
import { rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { noise, sourceOf, textOf } from '../../contracts/sources.ts'
import { smallDisk } from './small-disk.ts'

const disk = await smallDisk(2)
const at = (name: string): string => join(disk?.directory ?? '', name)
const tooMuch = () => sourceOf(...noise(4_000_000, 'too much'))
const removeTable = async (): Promise<void> => {
  for (const end of ['', '-wal', '-shm', '-spare']) await rm(at(`table.db${end}`), { force: true })
}
const FULL = { name: 'StorageError', reason: 'full' }

describe.skipIf(disk === undefined)(
  'on a full disk (skipped where no tmpfs can be mounted)',
  () => {
    afterAll(async () => disk?.remove())

    it('the table says so, keeps what it had, and works again when there is room', async () => {
      const table = await SqliteTable.open(at('table.db'))
      const put = (sk: string) =>
        table.transact([{ put: { pk: 'a', sk }, item: { text: 'x'.repeat(50_000) } }])
      await put('first')
      await writeFile(at('ballast'), Buffer.alloc(1_000_000))
      const outcomes = await Promise.allSettled(Array.from({ length: 40 }, (_, n) => put(`${n}`)))
      const reasons = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      expect(reasons.length).toBeGreaterThan(0)
      for (const reason of reasons) expect(reason).toMatchObject(FULL)
      const { records } = await table.query('a', { limit: 100 })
      expect(records).toHaveLength(1 + outcomes.length - reasons.length)
      await rm(at('ballast'))
      expect(await put('last')).toStrictEqual({ ok: true })
      await table.close()
      await removeTable()
    })

    it('the table still removes what it is to, with the room it keeps for that', async () => {
      const table = await SqliteTable.open(at('table.db'), { keepsRoom: true })
      const item = { text: 'x'.repeat(20_000) }
      const put = (n: number) => table.transact([{ put: { pk: 'a', sk: `${n}` }, item }])
      let count = 0
      const fillUp = async (): Promise<void> => {
        for (;;) {
          await put(count)
          count++
        }
      }
      await expect(fillUp()).rejects.toMatchObject(FULL)
      const { bavail, bsize } = await statfs(disk!.directory)
      await writeFile(at('ballast'), Buffer.alloc(bavail * bsize))
      const remove = (n: number, frees: boolean) =>
        table.transact([{ delete: { pk: 'a', sk: `${n}` } }], { frees })
      await expect(remove(0, false)).rejects.toMatchObject(FULL)
      for (let n = 0; n < count; n++) expect(await remove(n, true)).toStrictEqual({ ok: true })
      expect(await table.query('a', { limit: 1 })).toStrictEqual({ records: [] })
      await rm(at('ballast'))
      expect(await put(0)).toStrictEqual({ ok: true })
      await table.close()
      await removeTable()
    })

    it('the blob store says so, keeps nothing of what did not fit, and goes on when there is room', async () => {
      const store = new FileBlobStore(at('blobs'))
      const { state } = await store.append(await store.open('blobs/ab/one'), sourceOf('fits'))
      await expect(store.append(state, tooMuch())).rejects.toMatchObject(FULL)
      await expect(store.write('blobs/ab/two', tooMuch())).rejects.toMatchObject(FULL)
      expect(await store.stat('blobs/ab/two')).toBeUndefined()
      expect(await store.listUploads(Date.now() + 1000)).toHaveLength(1)
      const after = await store.append(state, sourceOf(' again'))
      await store.commit(after.state)
      expect(await textOf(await store.read('blobs/ab/one'))).toBe('fits again')
    })
  },
)
