import type { Table } from '../ports/table.ts'

/** The table, for records that are worth nothing without their process, or can be had again: every transaction is lazy. */
export const lazily = (table: Table): Table => ({
  get: (key) => table.get(key),
  getMany: (keys) => table.getMany(keys),
  query: (pk, query) => table.query(pk, query),
  scan: (page) => table.scan(page),
  transact: (writes) => table.transact(writes, { lazy: true }),
})
