/** Every record of a partition whose sort key begins with `prefix`, one page of them in memory: for sets of any size. */
import { MAX_PAGE_RECORDS } from '../ports/table-limits.ts'
import type { Table, TableRecord } from '../ports/table.ts'
import { pause } from './pause.ts'

export async function* eachRecord(
  table: Table,
  pk: string,
  prefix: string,
): AsyncGenerator<TableRecord> {
  for (let after: string | undefined; ;) {
    const limit = MAX_PAGE_RECORDS
    const page = await table.query(pk, { prefix, limit, ...(after === undefined ? {} : { after }) })
    yield* page.records
    if (page.next === undefined) return
    after = page.next
    // A table that answers at once would let nobody else have a turn.
    await pause(0)
  }
}
