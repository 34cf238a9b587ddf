/** What CloudWatch is told of some readings: a few sums over all labels, and how long requests took. */
import type { Labels, Readings, Row } from '../metrics/readings.ts'
import { sortedCells } from '../metrics/sorted-cells.ts'
import type { CloudMetric } from './cloud-metrics.ts'

/** CloudWatch takes a hundred values of one metric in a line. */
const MOST_VALUES = 90

/** Several values: of one metric, one for each request. What did not happen is left out. */
export type CloudFigures = ReadonlyMap<CloudMetric, readonly number[]>

export function cloudFigures({ families }: Readings): CloudFigures {
  const figures = new Map<CloudMetric, readonly number[]>()
  const rows = (family: string): readonly Row[] => families[family] ?? []
  const tell = (metric: CloudMetric, value: number): void => {
    if (value > 0) figures.set(metric, [value])
  }
  const sum = (
    family: string,
    which: (labels: Labels) => boolean = () => true,
    column: 1 | 2 = 1,
  ): number => rows(family).reduce((all, row) => all + (which(row[0]) ? (row[column] ?? 0) : 0), 0)
  const answered = (which: (code: number) => boolean): number =>
    sum('imageregistry_http_requests_total', ([code]) => which(Number(code)))
  const cached = (result: string): number =>
    sum('sluice_cache_requests_total', (labels) => labels[1] === result)

  tell('requests', sum('imageregistry_http_requests_total'))
  tell(
    'clientErrors',
    answered((code) => code >= 400 && code < 500 && code !== 401 && code !== 429),
  )
  tell(
    'unauthorized',
    answered((code) => code === 401),
  )
  tell(
    'throttled',
    answered((code) => code === 429),
  )
  tell(
    'serverErrors',
    answered((code) => code >= 500),
  )
  tell('bytesIn', sum('imageregistry_http_request_size_bytes', undefined, 2))
  tell('bytesOut', sum('imageregistry_http_response_size_bytes', undefined, 2))
  tell('cacheHits', cached('hit'))
  tell('cacheMisses', cached('miss'))
  tell('cacheStale', cached('stale'))
  tell('upstreamErrors', sum('imageregistry_pullthrough_repository_errors_total'))
  // What is not there is an answer, not a failure.
  tell(
    'storageErrors',
    sum('imageregistry_storage_errors_total', ([code]) => code !== 'PATH_NOT_FOUND'),
  )
  const left = rows('sluice_upstream_quota_remaining').map((row) => row[1])
  if (left.length > 0) figures.set('upstreamQuotaRemaining', [Math.min(...left)])
  const seconds = valuesOf(rows('imageregistry_http_request_duration_seconds'))
  if (seconds.length > 0) {
    figures.set(
      'latency',
      seconds.map((value) => value * 1000),
    )
  }
  return figures
}

/** All that was seen; of very much, values that have the same quantiles. */
function valuesOf(rows: readonly Row[]): number[] {
  const cells = sortedCells(
    rows.flatMap((row) => (row.length === 4 ? row[3].flatMap(([, seen]) => seen) : [])),
  )
  const total = cells.reduce((sum, [, count]) => sum + count, 0)
  const wanted = Math.min(total, MOST_VALUES)
  const values: number[] = []
  let before = 0
  for (const [mean, count] of cells) {
    before += count
    while (values.length < wanted && ((values.length + 0.5) * total) / wanted <= before) {
      values.push(mean)
    }
  }
  return values
}
