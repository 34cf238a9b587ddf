/**
 * The limits of a table, DynamoDB's own.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
import type { Condition, Item, Key, Query, Value, Write } from './table.ts'

export const MAX_TRANSACTION_WRITES = 100
export const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024
export const MAX_GET_KEYS = 100
export const MAX_ITEM_BYTES = 400 * 1024
export const MAX_PAGE_RECORDS = 1000
export const MAX_PAGE_BYTES = 1024 * 1024
export const MAX_PK_BYTES = 2048
export const MAX_SK_BYTES = 1024
export const MAX_NESTING = 32
/** What a number may be, but for 0. */
const SMALLEST_NUMBER = 1e-130
const TOO_LARGE_NUMBER = 1e126

/** A caller's mistake, never a user's: core must not ask what an engine cannot keep. */
export class TableLimitError extends Error {
  override readonly name = 'TableLimitError'
}

const textBytes = (text: string): number => Buffer.byteLength(text, 'utf8')

/** Size of a value as DynamoDB counts it; numbers are counted at their most. */
function valueBytes(value: Value, depth: number): number {
  if (depth > MAX_NESTING) throw new TableLimitError(`a value is nested deeper than ${MAX_NESTING}`)
  if (value === null || typeof value === 'boolean') return 1
  if (typeof value === 'string') return textBytes(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TableLimitError('a number is not finite')
    const size = Math.abs(value)
    if (size >= TOO_LARGE_NUMBER || (size > 0 && size < SMALLEST_NUMBER)) {
      throw new TableLimitError(`a number is too large or too small: ${value}`)
    }
    return 21
  }
  if (value instanceof Uint8Array) return value.byteLength
  if (value === undefined) throw new TableLimitError('undefined is not a value')
  let bytes = 3
  if (Array.isArray(value)) {
    for (const element of value as readonly Value[]) bytes += 1 + valueBytes(element, depth + 1)
    return bytes
  }
  for (const [name, inner] of Object.entries(value)) {
    if (name === '') throw new TableLimitError('an attribute has no name')
    bytes += 1 + textBytes(name) + valueBytes(inner, depth + 1)
  }
  return bytes
}

/** Bytes that a record takes: key names and values, attribute names and values. */
export function recordBytes(key: Key, item: Item): number {
  let bytes = 4 + textBytes(key.pk) + textBytes(key.sk)
  for (const [name, value] of Object.entries(item)) bytes += textBytes(name) + valueBytes(value, 1)
  return bytes
}

export function checkKey(key: Key): void {
  for (const [name, text, most] of [
    ['pk', key.pk, MAX_PK_BYTES],
    ['sk', key.sk, MAX_SK_BYTES],
  ] as const) {
    if (!text.isWellFormed())
      throw new TableLimitError(`${name} has half a surrogate pair, which UTF-8 has not`)
    const bytes = textBytes(text)
    if (bytes === 0 || bytes > most)
      throw new TableLimitError(`${name} has ${bytes} bytes, not 1 to ${most}`)
  }
}

export function checkItem(key: Key, item: Item): number {
  const bytes = recordBytes(key, item)
  if (bytes > MAX_ITEM_BYTES)
    throw new TableLimitError(`record ${key.pk} ${key.sk} has ${bytes} bytes`)
  if ('' in item) throw new TableLimitError('an attribute has no name')
  if ('pk' in item || 'sk' in item) throw new TableLimitError('pk and sk are not attributes')
  return bytes
}

export function checkKeys(keys: readonly Key[]): void {
  if (keys.length > MAX_GET_KEYS) throw new TableLimitError(`${keys.length} keys`)
  refuseTwice(keys)
}

export function checkQuery(query: Pick<Query, 'limit'>): void {
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > MAX_PAGE_RECORDS) {
    throw new TableLimitError(`limit ${query.limit}`)
  }
}

export function keyOf(write: Write): Key {
  if ('put' in write) return write.put
  if ('update' in write) return write.update
  if ('delete' in write) return write.delete
  return write.check
}

/** Refuses a transaction that an engine would refuse. An update's final size is only known to the engine. */
export function checkTransaction(writes: readonly Write[]): void {
  if (writes.length === 0 || writes.length > MAX_TRANSACTION_WRITES) {
    throw new TableLimitError(`${writes.length} writes`)
  }
  refuseTwice(writes.map(keyOf))
  let bytes = 0
  for (const write of writes) {
    if ('put' in write) bytes += checkItem(write.put, write.item)
    if ('update' in write) {
      const names = [
        ...Object.keys(write.set ?? {}),
        ...Object.keys(write.add ?? {}),
        ...(write.remove ?? []),
      ]
      if (names.length === 0 || new Set(names).size < names.length) {
        throw new TableLimitError('an update names no attribute, or one of them twice')
      }
      bytes += checkItem(write.update, { ...write.set, ...write.add })
    }
    checkCondition(write.when)
  }
  if (bytes > MAX_TRANSACTION_BYTES) throw new TableLimitError(`transaction has ${bytes} bytes`)
}

function checkCondition(condition: Condition | undefined): void {
  if (typeof condition === 'object' && Object.keys(condition.equals).length === 0) {
    throw new TableLimitError('a condition compares no attribute')
  }
}

function refuseTwice(keys: readonly Key[]): void {
  const seen = new Set<string>()
  for (const key of keys) {
    checkKey(key)
    const name = JSON.stringify([key.pk, key.sk])
    if (seen.has(name)) throw new TableLimitError(`record ${key.pk} ${key.sk} is named twice`)
    seen.add(name)
  }
}
