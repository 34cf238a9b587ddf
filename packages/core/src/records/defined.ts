/** An item holds no `undefined`: attributes that have none are left out. */
import type { Item } from '../ports/table.ts'

export function defined(attributes: object): Item {
  return Object.fromEntries(
    Object.entries(attributes).filter(([, value]) => value !== undefined),
  ) as Item
}
