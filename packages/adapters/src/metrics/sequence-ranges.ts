/**
 * Which of an environment's lines have been counted, as ranges: `1-40,42-57`. Lines come nearly in order, and few are
 * lost, so that there are few ranges however many lines.
 */
export type Ranges = readonly (readonly [first: number, last: number])[]

/** Beyond so many, the oldest gaps are closed: what may still come for them is lost, which is better than counted twice. */
export const MOST_RANGES = 1000

export const parseRanges = (text: string): Ranges =>
  text === ''
    ? []
    : text.split(',').map((range) => {
        const [first, last = first] = range.split('-').map(Number)
        return [first!, last!]
      })

export const rangesText = (ranges: Ranges): string =>
  ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',')

export const isIn = (ranges: Ranges, sequence: number): boolean =>
  ranges.some(([first, last]) => first <= sequence && sequence <= last)

export function withAll(ranges: Ranges, sequences: readonly number[]): Ranges {
  const sorted = [...ranges, ...sequences.map((one) => [one, one] as const)].toSorted(
    ([a], [b]) => a - b,
  )
  const joined: [number, number][] = []
  for (const [first, last] of sorted) {
    const before = joined.at(-1)
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else joined.push([first, last])
  }
  const [oldest] = joined
  const kept = joined.slice(-MOST_RANGES)
  if (oldest && kept[0] && kept[0] !== oldest) kept[0] = [oldest[0], kept[0][1]]
  return kept
}
