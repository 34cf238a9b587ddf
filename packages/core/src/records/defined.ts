/** An item holds no `undefined`: attributes that have none are left out. */
import type { Item, Value } from '../ports/table.ts'

export function defined(attributes: object): Item {
  const entries: [string, Value][] = Object.entries(attributes)
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}
