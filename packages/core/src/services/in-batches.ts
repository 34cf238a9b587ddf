/** `getMany` for any number of keys. */
import { MAX_GET_KEYS } from '../ports/table-limits.ts'
import type { Item, Key, Table } from '../ports/table.ts'

export async function inBatches(table: Table, keys: readonly Key[]): Promise<(Item | undefined)[]> {
  const items: (Item | undefined)[] = []
  for (let from = 0; from < keys.length; from += MAX_GET_KEYS) {
    items.push(...(await table.getMany(keys.slice(from, from + MAX_GET_KEYS))))
  }
  return items
}
