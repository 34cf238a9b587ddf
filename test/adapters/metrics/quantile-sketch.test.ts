import { QuantileSketch } from '@sluice/adapters/metrics/quantile-sketch'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../faults/seeded-random.ts'
import { DISTRIBUTIONS } from './distributions.ts'
import { QUANTILE_BOUNDS } from './quantile-bounds.ts'

/** How far the ranks that a value has among all are from the one asked for. */
function rankError(sorted: Float64Array, value: number, rank: number): number {
  // A mean of many equal values may end in another bit.
  const below = sorted.findIndex((one) => one >= value * (1 - 1e-12)) / sorted.length
  const upTo = (sorted.findLastIndex((one) => one <= value * (1 + 1e-12)) + 1) / sorted.length
  const lowest = below < 0 ? 1 : below
  if (rank < lowest) return lowest - rank
  return rank > upTo ? rank - upTo : 0
}

const valuesOf = (draw: (random: SeededRandom) => number, count: number): Float64Array => {
  const random = new SeededRandom(count)
  return Float64Array.from({ length: count }, () => draw(random))
}

const expectWithin = (sketch: QuantileSketch, values: Float64Array): void => {
  const sorted = values.toSorted()
  for (const [rank, bound] of QUANTILE_BOUNDS) {
    const error = rankError(sorted, sketch.quantile(rank), rank)
    // Few values have few ranks.
    expect(error, `${rank} of ${values.length}`).toBeLessThanOrEqual(
      bound + 1 / (2 * values.length),
    )
  }
  expect(sketch.cells().length).toBeLessThan(500)
}

/** Larger than what keeps the tests short would be: the bounds hold for any number of values. */
const COUNTS = [1, 7, 100, 5_000, 200_000]

describe.each(Object.entries(DISTRIBUTIONS))('a sketch of values that are %s', (_, draw) => {
  it.each(COUNTS)('tells the ranks of %i of them', (count) => {
    const values = valuesOf(draw, count)
    const sketch = new QuantileSketch()
    for (let at = 0; at < count; at += 512) sketch.add(values.slice(at, at + 512))
    expectWithin(sketch, values)
  })

  it.each([
    [2_000, 10],
    [200, 1_000],
    [3, 20_000],
    [20_000, 2],
  ])('tells them when %i sketches of %i each are merged', (sketches, each) => {
    const values = valuesOf(draw, sketches * each)
    const whole = new QuantileSketch()
    for (let at = 0; at < values.length; at += each) {
      const part = new QuantileSketch()
      part.add(values.slice(at, at + each))
      whole.merge(part.cells())
    }
    expectWithin(whole, values)
  })

  it('tells them when sketches are merged in a tree, and what came first was the least', () => {
    const values = valuesOf(draw, 64 * 1_000)
    const sorted = values.toSorted()
    let row = Array.from({ length: 64 }, (_, at) => {
      const sketch = new QuantileSketch()
      sketch.add(sorted.slice(at * 1_000, (at + 1) * 1_000))
      return sketch
    })
    while (row.length > 1) {
      row = Array.from({ length: row.length / 2 }, (_, at) => {
        row[at * 2]!.merge(row[at * 2 + 1]!.cells())
        return row[at * 2]!
      })
    }
    expectWithin(row[0]!, values)
  })
})

describe('a sketch', () => {
  it('of nothing tells nothing', () => {
    expect(new QuantileSketch().quantile(0.5)).toBeNaN()
  })
})
