import type { Labels } from './readings.ts'

/** Of one deployment, over all families; beyond them what is counted goes to a series of its family whose labels all say `other`. */
export const MOST_TOTAL_SERIES = 5000

const OTHER = 'other'

export const seriesKey = (family: string, labels: Labels): string => [family, ...labels].join('\0')

/** The labels under which a series is counted, where those of `known` have their places already. */
export function boundedLabels(
  known: { has(key: string): boolean; readonly size: number },
  family: string,
  labels: Labels,
): Labels {
  const fits = known.size < MOST_TOTAL_SERIES || known.has(seriesKey(family, labels))
  return fits ? labels : labels.map(() => OTHER)
}
