import { ObjectError } from '../object-error.ts'

/** Of an object as JSON: the table's records hold 400 kB. */
const MOST_BYTES = 256 * 1024

export function refuseLarge(object: object): void {
  if (Buffer.byteLength(JSON.stringify(object)) <= MOST_BYTES) return
  const message = `Request entity too large: limit is ${MOST_BYTES}`
  throw new ObjectError('RequestEntityTooLarge', message)
}
