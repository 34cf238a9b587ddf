/** As many records as asked for, however the table pages them. */
import { MAX_PAGE_RECORDS } from '../ports/table-limits.ts'
import type { Query, Table, TableRecord } from '../ports/table.ts'

export async function pages(
  table: Table,
  pk: string,
  query: Query,
): Promise<{ readonly records: readonly TableRecord[]; readonly more: boolean }> {
  const records: TableRecord[] = []
  for (let after = query.after; ;) {
    const limit = Math.min(query.limit - records.length, MAX_PAGE_RECORDS)
    if (limit === 0) return { records, more: true }
    const page = await table.query(pk, {
      ...query,
      limit,
      ...(after === undefined ? {} : { after }),
    })
    records.push(...page.records)
    if (page.next === undefined) return { records, more: false }
    after = page.next
  }
}
