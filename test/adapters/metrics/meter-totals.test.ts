import { SqliteTable } from '@sluice/adapters/local/sqlite-table'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeMeterTotals } from '../../contracts/meter-totals.ts'

describeMeterTotals('SqliteTable', async () => {
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
