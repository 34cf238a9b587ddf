import type { Labels, Row } from './readings.ts'
import type { ReadSeries } from './readings-series.ts'

/** Of one deployment, over all families; beyond them what is counted goes to a series of its family whose labels all say `other`. */
export const MOST_TOTAL_SERIES = 5000

const OTHER = 'other'

export const seriesKey = (family: string, labels: Labels): string => [family, ...labels].join('\0')

/** Under the labels under which they are counted, where the series of `known` have their places already; adds those that get one. */
export const boundedSeries = (series: readonly ReadSeries[], known: Set<string>): ReadSeries[] =>
  series.map((one) => {
    const [family, [labels, ...counted]] = one
    const key = seriesKey(family, labels)
    if (known.has(key)) return one
    if (known.size < MOST_TOTAL_SERIES) {
      known.add(key)
      return one
    }
    return [family, [labels.map(() => OTHER), ...counted] as unknown as Row]
  })
