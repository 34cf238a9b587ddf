/** What every table promises (packages/core/src/ports/table.ts). An adapter's test calls this and adds what only it can. */
import type { Table } from '@sluice/core/ports/table'
import { afterAll, beforeAll, describe } from 'vitest'
import { describeConditions } from './table-conditions.ts'
import { describeConcurrency } from './table-concurrency.ts'
import { describeLimits } from './table-limits.ts'
import { describeQuery } from './table-query.ts'
import { describeScan } from './table-scan.ts'
import { describeUpdates } from './table-updates.ts'
import { describeValues } from './table-values.ts'

export interface OpenTable {
  readonly table: Table
  close(): Promise<void>
}

/** One table serves all tests, as it must for an engine that takes a minute to make one: each has its own partition. */
export function describeTable(name: string, open: () => Promise<OpenTable>): void {
  describe(`${name} is a table`, () => {
    let opened: OpenTable | undefined
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(async () => opened?.close())

    const table = (): Table => {
      if (opened === undefined) throw new Error('the table did not open')
      return opened.table
    }
    describeValues(table)
    describeConditions(table)
    describeUpdates(table)
    describeConcurrency(table)
    describeLimits(table)
    describeQuery(table)
    describeScan(table)
  })
}
