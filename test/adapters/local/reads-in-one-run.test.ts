import { SqliteTable } from '@sluice/adapters/local/sqlite-table'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { scratchDirectory } from './scratch-directory.ts'

const TAG = { pk: 'a', sk: 'tag' }
const MANIFEST = { pk: 'a', sk: 'manifest' }

const READS: Readonly<Record<string, (table: SqliteTable) => Promise<unknown>>> = {
  get: (table) => table.get(TAG),
  query: async (table) => (await table.query('a', { limit: 5 })).records[1]?.item,
  scan: async (table) => (await table.scan({ limit: 5 })).records[1]?.item,
}

/** Between two reads that never return to the event loop, another thread or process commits. */
it.for(Object.entries(READS))(
  'SqliteTable: what a %s has found in the file is never denied by an older answer of the cache',
  async ([, read]) => {
    const file = join(await scratchDirectory(), 'table.db')
    const table = await SqliteTable.open(file)
    const other = new DatabaseSync(file)
    onTestFinished(async () => {
      other.close()
      await table.close()
    })
    expect(await table.get(MANIFEST)).toBeUndefined()
    // A new run, in which the cache has already answered for the manifest.
    await setImmediate()
    expect(await table.get(MANIFEST)).toBeUndefined()
    other.exec(`INSERT INTO records VALUES ('a', 'manifest', '{}'), ('a', 'tag', '{}')`)
    expect(await read(table)).toStrictEqual({})
    expect(await table.get(MANIFEST)).toStrictEqual({})
  },
)
