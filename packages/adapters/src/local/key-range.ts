/** The sort keys that a query asks for, as one range: `from` included, `to` not. */
import type { Query } from '@sluice/core/ports/table'

export interface KeyRange {
  readonly from: string
  readonly to: string | Uint8Array
}

/** To SQLite every blob is greater than every text. */
const BEYOND_ALL_TEXT = new Uint8Array([0])

export function keyRange({ prefix = '', after, reverse = false }: Query): KeyRange {
  let from = prefix
  let to = afterPrefix(prefix)
  if (after !== undefined && reverse && isLess(after, to)) to = after
  if (after !== undefined && !reverse && !isLess(after, from)) from = `${after}\u0000`
  return { from, to: to ?? BEYOND_ALL_TEXT }
}

/** The least text greater than all that begin with the prefix; the bytes of UTF-8 order as code points do. */
function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0)
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
  }
  return undefined
}

const isLess = (one: string, other: string | undefined): boolean =>
  other === undefined || Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0
