/**
 * The port's values as DynamoDB writes them, and back; whatever goes in comes out.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Item, Value } from '@sluice/core/ports/table'

export type Attributes = Record<string, AttributeValue>

/**
 * Numbers are decimals of 38 digits, so that every one that the limits allow (`core/ports/table-limits`) comes back
 * exactly. A copy: the caller may change what it handed over before the request has left.
 */
export function attributeValue(value: Value): AttributeValue {
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'number') return { N: String(value) }
  if (typeof value === 'boolean') return { BOOL: value }
  if (value === null) return { NULL: true }
  if (value instanceof Uint8Array) return { B: Uint8Array.from(value) }
  if (isList(value)) return { L: value.map(attributeValue) }
  return { M: attributes(value) }
}

/**
 * `fromEntries` defines properties and assigns none, here and below: a map may have a name that JavaScript takes for a
 * prototype.
 */
export const attributes = (item: Item): Attributes =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attributeValue(value)]))

export const itemOf = (found: Attributes): Item =>
  Object.fromEntries(Object.entries(found).map(([name, value]) => [name, valueOf(value)]))

function valueOf(found: AttributeValue): Value {
  if (found.S !== undefined) return found.S
  if (found.N !== undefined) return Number(found.N)
  if (found.BOOL !== undefined) return found.BOOL
  if (found.NULL !== undefined) return null
  if (found.B !== undefined) return found.B
  if (found.L !== undefined) return found.L.map(valueOf)
  if (found.M !== undefined) return itemOf(found.M)
  throw new Error(
    `a value of the type ${Object.keys(found).join()}, which this program never writes`,
  )
}

const isList = (value: object): value is readonly Value[] => Array.isArray(value)
