/** A short name of what an item holds, whatever the order of its attributes: two items with one name are the same. */
import { createHash } from 'node:crypto'
import type { Item, Value } from '../../ports/table.ts'
import { defined } from '../../records/defined.ts'
import { referrerRecord } from '../../records/manifest-record.ts'

/** Of what a row says, in whatever form an earlier version wrote it. */
export const referrerFingerprint = (row: Item): string => fingerprint(defined(referrerRecord(row)))

const fingerprint = (value: Value): string =>
  createHash('sha256').update(JSON.stringify(value, inOrder)).digest('base64url')

const inOrder = (_name: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
    : value

/** The sum of marks says which texts were added, in whatever order; 40 bits each. */
export const markOf = (text: string): number =>
  createHash('sha256').update(text).digest().readUIntBE(0, 5)
