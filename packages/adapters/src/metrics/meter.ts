/**
 * Counts and measures in this process, or this thread of it. What one meter counted can be poured into another: a thread or a function
 * that nobody can ask hands on what it `take`s, and one meter that holds the whole `fold`s it and is the one to be asked.
 */
import {
  METRICS_FAMILIES,
  type FamilyName,
  type LabelsOf,
  type MetricsFamily,
  type NameOf,
} from '@sluice/core/metrics-families'
import type { Clock } from '@sluice/core/ports/clock'
import type { Counter, Gauge, Metrics, Summary } from '@sluice/core/ports/metrics'
import { CounterSeries } from './counter-series.ts'
import { GaugeSeries } from './gauge-series.ts'
import { READINGS_VERSION, type Labels, type Readings, type Row } from './readings.ts'
import { SummarySeries } from './summary-series.ts'

export type Series = CounterSeries | GaugeSeries | SummarySeries

/** Beyond so many children of one family what is counted goes to one whose labels all say `other`. */
export const MOST_SERIES = 2000

const OTHER = 'other'

export class Meter implements Metrics {
  readonly #now: () => number
  readonly #families = new Map<FamilyName, Map<string, Series>>()

  constructor(clock: Clock) {
    this.#now = () => clock.now()
  }

  counter<N extends NameOf<'counter'>>(name: N, labels: LabelsOf<N>): Counter {
    return this.#named(name, labels) as CounterSeries
  }

  gauge<N extends NameOf<'gauge'>>(name: N, labels: LabelsOf<N>): Gauge {
    return this.#named(name, labels) as GaugeSeries
  }

  summary<N extends NameOf<'summary'>>(name: N, labels: LabelsOf<N>): Summary {
    return this.#named(name, labels) as SummarySeries
  }

  /** All that is in this meter, which keeps it. */
  snapshot(): Readings {
    return this.#rows((series) => series.read())
  }

  /** All that came into this meter since the last time, which is then no longer in it. Children stay good. */
  take(): Readings {
    return this.#rows((series) => series.take())
  }

  /** Once for each readings: they are added. */
  fold(readings: Readings): void {
    if (readings.version !== READINGS_VERSION) return
    for (const [name, rows] of Object.entries(readings.families)) {
      if (!Object.hasOwn(METRICS_FAMILIES, name)) continue
      for (const row of rows) this.#child(name as FamilyName, row[0]).fold(row)
    }
  }

  /** The children of a family, in no order. */
  series(name: FamilyName): readonly Series[] {
    return [...(this.#families.get(name)?.values() ?? [])]
  }

  #rows(rowOf: (series: Series) => Row | undefined): Readings {
    const families: Record<string, Row[]> = {}
    for (const [name, children] of this.#families) {
      const rows = [...children.values()].map(rowOf).filter((row) => row !== undefined)
      if (rows.length > 0) families[name] = rows
    }
    return { version: READINGS_VERSION, families }
  }

  #named(name: FamilyName, labels: { readonly [label: string]: string }): Series {
    return this.#child(
      name,
      METRICS_FAMILIES[name].labels.map((label) => labels[label] ?? ''),
    )
  }

  #child(name: FamilyName, labels: Labels): Series {
    let children = this.#families.get(name)
    if (children === undefined) this.#families.set(name, (children = new Map()))
    const key = labels.join('\0')
    const known = children.get(key)
    if (known !== undefined) return known
    if (children.size >= MOST_SERIES && labels.some((label) => label !== OTHER)) {
      return this.#child(
        name,
        labels.map(() => OTHER),
      )
    }
    const series = this.#create(METRICS_FAMILIES[name], labels)
    children.set(key, series)
    return series
  }

  #create(form: MetricsFamily, labels: Labels): Series {
    if (form.type === 'counter') return new CounterSeries(labels)
    if (form.type === 'summary') return new SummarySeries(labels, this.#now)
    return new GaugeSeries(labels, form.over === 'sum', this.#now)
  }
}
