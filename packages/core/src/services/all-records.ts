/** Every record of a partition, or those whose sort key begins with `prefix`: for sets that one request may hold whole. */
import type { Table, TableRecord } from '../ports/table.ts'
import { pages } from './pages.ts'

export async function allRecords(
  table: Table,
  pk: string,
  prefix?: string,
): Promise<readonly TableRecord[]> {
  const query = { limit: Infinity, ...(prefix === undefined ? {} : { prefix }) }
  return (await pages(table, pk, query)).records
}
