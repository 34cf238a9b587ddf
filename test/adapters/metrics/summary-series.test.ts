import { SummarySeries } from '@sluice/adapters/metrics/summary-series'
import { expect, it } from 'vitest'
import { SeededRandom } from '../../faults/seeded-random.ts'
import { DISTRIBUTIONS } from './distributions.ts'
import { QUANTILE_BOUNDS } from './quantile-bounds.ts'

it.each([199_999, 200_001, 400_000, 2_000_000])(
  'tells the ranks of %i values of two minutes, and counts each',
  (count) => {
    const summary = new SummarySeries([], () => 0)
    const random = new SeededRandom(count)
    const values = Float64Array.from({ length: count }, () =>
      DISTRIBUTIONS['log-normal, wide']!(random),
    )
    let sum = 0
    for (const value of values) {
      summary.observe(value)
      sum += value
    }
    expect([summary.count, summary.sum]).toEqual([count, sum])
    values.sort()
    for (const [rank, bound] of QUANTILE_BOUNDS) {
      const value = summary.recent().quantile(rank)
      expect(value).toBeGreaterThanOrEqual(values[Math.floor((rank - bound) * count)]!)
      expect(value).toBeLessThanOrEqual(values[Math.ceil((rank + bound) * count) - 1]!)
    }
  },
)
