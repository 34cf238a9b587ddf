/** Readings series by series, and put together again. */
import { READINGS_VERSION, type Readings, type Row } from './readings.ts'

export type ReadSeries = readonly [family: string, row: Row]

export const seriesOf = ({ families }: Readings): ReadSeries[] =>
  Object.entries(families).flatMap(([family, rows]) => rows.map((row) => [family, row] as const))

export function readingsOf(series: readonly ReadSeries[]): Readings {
  const families: Record<string, Row[]> = {}
  for (const [family, row] of series) (families[family] ??= []).push(row)
  return { version: READINGS_VERSION, families }
}
