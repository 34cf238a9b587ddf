import { MAX_SK_BYTES } from '@sluice/core/ports/table-limits'
import type { Query } from '@sluice/core/ports/table'

export interface QueryStart {
  /** The sort key to go on after, in the query's direction; without one, from its first record. */
  readonly after?: string
}

/**
 * DynamoDB takes one condition on the sort key, and that is the prefix; what `after` says becomes the exclusive start,
 * which need not name a record but must begin with the prefix. `undefined` when nothing can satisfy both.
 */
export function queryStart({ prefix = '', after, reverse = false }: Query): QueryStart | undefined {
  if (Buffer.byteLength(prefix) > MAX_SK_BYTES) return undefined
  if (after === undefined) return {}
  // An empty key is less than all, and no start.
  if (after !== '' && after.startsWith(prefix)) return { after }
  const isBeforeAll = Buffer.compare(Buffer.from(after), Buffer.from(prefix)) <= 0
  return isBeforeAll === reverse ? undefined : {}
}
