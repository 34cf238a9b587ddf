import { NewerDataError } from '@sluice/adapters/local/newer-data-error'
import { SqliteTable } from '@sluice/adapters/local/sqlite-table'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { describeTable } from '../../contracts/table.ts'
import { scratchDirectory } from './scratch-directory.ts'

const PROGRAM = fileURLToPath(new URL('./table-process.ts', import.meta.url))

describeTable('SqliteTable', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-test-'))
  const table = await SqliteTable.open(join(directory, 'table.db'))
  return {
    table,
    close: async () => {
      await table.close()
      await rm(directory, { recursive: true })
    },
  }
})

async function openScratch(): Promise<{ readonly file: string; readonly table: SqliteTable }> {
  const file = join(await scratchDirectory(), 'table.db')
  const table = await SqliteTable.open(file)
  onTestFinished(() => table.close())
  return { file, table }
}

const KEY = { pk: 'a', sk: 'counter' }

describe('SqliteTable', () => {
  it('keeps its records when closed and opened again', async () => {
    const { file, table } = await openScratch()
    await table.transact([{ put: KEY, item: { n: 1 } }])
    await table.close()
    const again = await SqliteTable.open(file)
    onTestFinished(() => again.close())
    expect(await again.get(KEY)).toStrictEqual({ n: 1 })
  })

  it('writes what was queued before it closes, and leaves one file', async () => {
    const { file, table } = await openScratch()
    const writes = Array.from({ length: 1500 }, () =>
      table.transact([{ update: KEY, add: { n: 1 } }]),
    )
    await table.close()
    expect((await Promise.all(writes)).every(({ ok }) => ok)).toBe(true)
    expect(await readdir(join(file, '..'))).toStrictEqual(['table.db'])
    await expect(table.transact([{ delete: KEY }])).rejects.toThrow('closed')
    await expect(table.get(KEY)).rejects.toThrow(Error)
  })

  it('refuses the file of a newer program, naming both versions, and does not touch it', async () => {
    const file = join(await scratchDirectory(), 'table.db')
    const newer = new DatabaseSync(file)
    newer.exec('PRAGMA user_version = 7')
    newer.close()
    const opening = SqliteTable.open(file)
    await expect(opening).rejects.toThrow(NewerDataError)
    await expect(opening).rejects.toThrow(/data version 7.*up to 1/)
    expect(await readdir(join(file, '..'))).toStrictEqual(['table.db'])
  })

  it('tells a file that is no database apart', async () => {
    const opening = SqliteTable.open(await scratchDirectory())
    await expect(opening).rejects.toMatchObject({ name: 'StorageError', reason: 'unavailable' })
  })

  it('refuses a cursor that is not its own', async () => {
    const { table } = await openScratch()
    for (const after of ['', '!', 'WzFd', 'bnVsbA']) {
      await expect(table.scan({ after, limit: 1 })).rejects.toThrow('no cursor')
    }
  })

  it('keeps an attribute that JavaScript would take for a prototype', async () => {
    const { table } = await openScratch()
    const item = JSON.parse('{"__proto__": {"$a": 1}, "constructor": "x"}')
    await table.transact([{ put: KEY, item }])
    await table.transact([{ update: KEY, set: { b: 1 } }])
    expect(JSON.stringify(await table.get(KEY))).toBe(
      '{"__proto__":{"$a":1},"constructor":"x","b":1}',
    )
  })

  it('opened by two processes at once, counts every write of both and reads what the other wrote', async () => {
    const file = join(await scratchDirectory(), 'table.db')
    const other = spawn(process.execPath, [PROGRAM, file, 'a', '100'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const table = await SqliteTable.open(file)
    onTestFinished(() => table.close())
    const ended = once(other, 'exit')
    const reading = (async () => {
      for await (const line of createInterface(other.stdout)) {
        const seen = Number((await table.get(KEY))?.['n'])
        expect(seen).toBeGreaterThanOrEqual(Number(line))
      }
    })()
    for (let count = 0; count < 100; count++) {
      await table.transact([{ update: KEY, add: { n: 1 } }])
    }
    await reading
    expect(await ended).toStrictEqual([0, null])
    expect(await table.get(KEY)).toStrictEqual({ n: 200 })
  })

  it('has what was acknowledged when the process that wrote it is killed', async () => {
    const file = join(await scratchDirectory(), 'table.db')
    const other = spawn(process.execPath, [PROGRAM, file, 'a', '100000'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let acknowledged = 0
    for await (const line of createInterface(other.stdout)) {
      acknowledged = Number(line)
      if (acknowledged === 50) other.kill('SIGKILL')
    }
    const table = await SqliteTable.open(file)
    onTestFinished(() => table.close())
    expect((await table.get(KEY))?.['n']).toBeGreaterThanOrEqual(acknowledged)
  })

  it('does not stop the event loop while another process holds the lock', async () => {
    const { file, table } = await openScratch()
    const other = new DatabaseSync(file)
    onTestFinished(() => other.close())
    other.exec('BEGIN IMMEDIATE')
    const waiting = table.transact([{ put: KEY, item: { n: 1 } }])
    expect(await Promise.race([waiting, table.get(KEY)])).toBeUndefined()
    other.exec('COMMIT')
    expect(await waiting).toStrictEqual({ ok: true })
  })
})
