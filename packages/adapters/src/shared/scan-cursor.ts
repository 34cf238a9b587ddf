/** Where a scan goes on: the key of the last record, as text that a caller may keep but not read. */
import { TableLimitError } from '@sluice/core/ports/table-limits'
import type { Key } from '@sluice/core/ports/table'

export const scanCursor = ({ pk, sk }: Key): string =>
  Buffer.from(JSON.stringify([pk, sk])).toString('base64url')

export function parseScanCursor(cursor: string): Key {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(key) && typeof key[0] === 'string' && typeof key[1] === 'string') {
      return { pk: key[0], sk: key[1] }
    }
  } catch {
    // Told below, with the cursor.
  }
  throw new TableLimitError(`"${cursor}" is no cursor of this table`)
}
