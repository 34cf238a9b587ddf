/** The Range header of a blob's GET (RFC 9110 section 14.2), one range only. */

/**
 * The bytes asked for, both included; `undefined` for the whole blob, which is also the answer to several ranges and to
 * other units. A range that cannot be is returned as it is asked: `Blobs.clip` refuses it.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | undefined {
  const match = header === undefined ? null : /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim())
  if (!match) return undefined
  const [, first, last] = match
  if (first)
    return { start: Number(first), end: last ? Number(last) : Math.max(size - 1, Number(first)) }
  if (!last) return undefined
  const suffix = Number(last)
  return { start: suffix === 0 ? size : Math.max(0, size - suffix), end: Math.max(0, size - 1) }
}
