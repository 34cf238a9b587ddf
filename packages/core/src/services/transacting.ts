import type { Table, TransactOptions } from '../ports/table.ts'

/** The table, each of whose transactions has these options. */
export const transacting = (table: Table, options: TransactOptions): Table => ({
  get: (key) => table.get(key),
  getMany: (keys) => table.getMany(keys),
  query: (pk, query) => table.query(pk, query),
  scan: (page) => table.scan(page),
  transact: (writes) => table.transact(writes, options),
})
