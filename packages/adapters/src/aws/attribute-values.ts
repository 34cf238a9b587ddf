/**
 * The port's values as DynamoDB writes them, and back; whatever goes in comes out.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { TableLimitError } from '@sluice/core/ports/table-limits'
import type { Item, Value } from '@sluice/core/ports/table'

export type Attributes = Record<string, AttributeValue>

/** Numbers are decimals of 38 digits, so that every one of JavaScript's within these bounds comes back exactly. */
const TOO_LARGE = 1e126
const LEAST = 1e-130

/** A copy: the caller may change what it handed over before the request has left. */
export function attributeValue(value: Value): AttributeValue {
  if (typeof value === 'string') return { S: value }
  if (typeof value === 'number') return { N: numberText(value) }
  if (typeof value === 'boolean') return { BOOL: value }
  if (value === null) return { NULL: true }
  if (value instanceof Uint8Array) return { B: Uint8Array.from(value) }
  if (isList(value)) return { L: value.map(attributeValue) }
  return { M: attributes(value) }
}

/**
 * `fromEntries` defines properties and assigns none, here and below: a map may have a name that JavaScript takes for a
 * prototype. Throws `TableLimitError` for a number that DynamoDB cannot keep.
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

function numberText(value: number): string {
  const size = Math.abs(value)
  if (!(size < TOO_LARGE) || (size > 0 && size < LEAST)) {
    throw new TableLimitError(`DynamoDB cannot keep the number ${value}`)
  }
  return String(value)
}

const isList = (value: object): value is readonly Value[] => Array.isArray(value)
