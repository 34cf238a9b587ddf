/**
 * What a door in the cloud has counted, as lines of its log that CloudWatch reads as metrics (EMF), and the exporter as
 * readings (`metered-line.ts`). A line that is lost takes its counts along, and nothing else.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { Metrics } from '@aws-lambda-powertools/metrics'
import { METRICS_FAMILIES, type MetricsFamily } from '@sluice/core/metrics-families'
import type { Clock } from '@sluice/core/ports/clock'
import { randomId } from '@sluice/core/records/keys'
import type { Meter } from '../metrics/meter.ts'
import { METER_PROPERTY } from '../metrics/metered-line.ts'
import type { Readings } from '../metrics/readings.ts'
import { readingsOf, seriesOf } from '../metrics/readings-series.ts'
import { CLOUD_METRICS } from './cloud-metrics.ts'
import { cloudFigures } from './cloud-figures.ts'

/** CloudWatch Logs takes 256 KB in one event. */
const MOST_BYTES = 200_000

export interface EmfOptions {
  readonly meter: Meter
  readonly clock: Clock
  /** Of CloudWatch's metrics. */
  readonly namespace: string
  /** The value of the one dimension. */
  readonly door: string
  /** A function's environment starts cold: its first line says so. */
  readonly startsCold: boolean
  /** A whole line, its end as well. */
  readonly write: (line: string) => void
}

export class EmfLines {
  readonly #options: EmfOptions
  readonly #environment = randomId()
  readonly #metrics: Metrics
  #sequence = 0
  #cold: boolean

  constructor(options: EmfOptions) {
    this.#options = options
    this.#cold = options.startsCold
    this.#metrics = new Metrics({ namespace: options.namespace, serviceName: options.door })
  }

  /** Nothing where nothing was counted since the last time. */
  write(): void {
    const readings = told(this.#options.meter.take())
    if (seriesOf(readings).length > 0 || this.#cold) this.#writeLines(readings)
  }

  /** What is too much for one line goes into several, each counted by itself. */
  #writeLines(readings: Readings): void {
    const series = seriesOf(readings)
    const text = JSON.stringify(readings)
    if (series.length > 1 && text.length > MOST_BYTES) {
      const half = Math.ceil(series.length / 2)
      this.#writeLines(readingsOf(series.slice(0, half)))
      this.#writeLines(readingsOf(series.slice(half)))
      return
    }
    const metrics = this.#metrics
    for (const [metric, values] of cloudFigures(readings)) {
      const { name, unit } = CLOUD_METRICS[metric]
      for (const value of values) metrics.addMetric(name, unit, value)
    }
    if (this.#cold) metrics.addMetric(CLOUD_METRICS.coldStarts.name, 'Count', 1)
    this.#cold = false
    this.#sequence += 1
    metrics.setTimestamp(this.#options.clock.now())
    const { _aws, ...values } = metrics.serializeMetrics()
    metrics.clearMetrics()
    const emf = JSON.stringify({ _aws, ...values })
    const meter = JSON.stringify({ environment: this.#environment, sequence: this.#sequence })
    // Readings are most of a line, and JSON already.
    this.#options.write(
      `${opened(emf)},"${METER_PROPERTY}":${opened(meter)},"readings":${text}}}\n`,
    )
  }
}

/** An object of JSON without its end, for more properties. */
const opened = (json: string): string => json.slice(0, -1)

/**
 * Without what would stand for ever once this environment is gone: what it has under way, and which program it is. The
 * exporter knows both by other ways.
 */
function told({ version, families }: Readings): Readings {
  const kept = Object.entries(families).filter(([name]) => {
    const form = (METRICS_FAMILIES as Readonly<Record<string, MetricsFamily>>)[name]
    return form?.over !== 'sum' && name !== 'imageregistry_build_info'
  })
  return { version, families: Object.fromEntries(kept) }
}
