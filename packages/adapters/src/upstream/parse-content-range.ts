/** RFC 9110 section 14.4: `bytes <start>-<end>/<size>`, or `bytes *\/<size>` of a 416, which has no start. */
export interface ContentRange {
  readonly start: number | undefined
  /** The last byte, included. */
  readonly end: number | undefined
  readonly size: number
}

const RANGE = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15})$/i

export function parseContentRange(text: string | undefined): ContentRange | undefined {
  const match = RANGE.exec(text ?? '')
  if (!match) return undefined
  const [, start, end, size] = match
  return { start: numberOf(start), end: numberOf(end), size: Number(size) }
}

const numberOf = (digits: string | undefined): number | undefined =>
  digits === undefined ? undefined : Number(digits)
