import {
  isIn,
  MOST_RANGES,
  parseRanges,
  rangesText,
  withAll,
  type Ranges,
} from '@sluice/adapters/metrics/sequence-ranges'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '../../property-runs.ts'

describe('the ranges of an environment’s lines', () => {
  it('hold what was counted and nothing else, in whatever order and batches it came', () => {
    const batches = fc.array(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 8 }))
    fc.assert(
      fc.property(batches, (all) => {
        const ranges = all.reduce<Ranges>((before, batch) => {
          return parseRanges(rangesText(withAll(before, batch)))
        }, [])
        const counted = new Set(all.flat())
        for (let at = 0; at <= 61; at++) expect(isIn(ranges, at)).toBe(counted.has(at))
        // No two of them touch.
        const gaps = ranges.slice(1).map(([first], at) => first - ranges[at]![1])
        expect(gaps.every((gap) => gap > 1)).toBe(true)
      }),
      propertyRuns(100),
    )
  })

  it('are one for lines without a gap', () => {
    const sequences = Array.from({ length: 5000 }, (_, at) => 5000 - at)
    expect(rangesText(withAll([], sequences))).toBe('1-5000')
    expect(rangesText(withAll(parseRanges('1-3,5'), [4]))).toBe('1-5')
    expect(parseRanges('')).toEqual([])
  })

  it('close the oldest gaps beyond so many: nothing is ever counted twice', () => {
    const odd = Array.from({ length: MOST_RANGES + 10 }, (_, at) => 2 * at + 1)
    const ranges = withAll([], odd)
    expect(ranges).toHaveLength(MOST_RANGES)
    for (const one of odd) expect(isIn(ranges, one)).toBe(true)
    expect(ranges[0]).toEqual([1, 21])
    expect(isIn(ranges, 22)).toBe(false)
  })
})
