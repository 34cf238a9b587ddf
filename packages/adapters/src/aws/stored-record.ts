/**
 * How a record lies in the table:
 *
 *     pk (S, partition key)   sk (S, sort key)   every attribute of the item beside them, under its own name
 */
import { TableLimitError } from '@sluice/core/ports/table-limits'
import type { Item, Key, TableRecord } from '@sluice/core/ports/table'
import { attributes, itemOf, type Attributes } from './attribute-values.ts'

/**
 * DynamoDB creates no record by an update that only removes, though the port promises one. This attribute is set where a
 * record may have to be created so; readers never see it.
 */
export const MADE_BY_REMOVAL = '-made-by-removal'

export const storedKey = ({ pk, sk }: Key): Attributes => ({ pk: { S: pk }, sk: { S: sk } })

export function storedRecord(key: Key, item: Item): Attributes {
  checkAttributeName(...Object.keys(item))
  return { ...attributes(item), ...storedKey(key) }
}

export function recordOf(found: Attributes): TableRecord {
  const { pk, sk, [MADE_BY_REMOVAL]: _made, ...others } = found
  if (pk?.S === undefined || sk?.S === undefined) throw new Error('a record without pk or sk')
  return { pk: pk.S, sk: sk.S, item: itemOf(others) }
}

/** Throws `TableLimitError` for a name that cannot be an attribute's. */
export function checkAttributeName(...names: readonly string[]): void {
  for (const name of names) {
    // The SDK assigns each attribute by its name, and `__proto__` would set a prototype instead.
    if (name === 'pk' || name === 'sk' || name === '__proto__') {
      throw new TableLimitError(`${name} is not an attribute`)
    }
  }
}
