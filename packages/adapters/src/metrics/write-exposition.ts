/** All that a meter holds, in Prometheus' text format or in OpenMetrics: families, then children, in the order of their names. */
import {
  METRICS_FAMILIES,
  type FamilyName,
  type MetricsFamily,
} from '@sluice/core/metrics-families'
import type { Meter, Series } from './meter.ts'
import { SummarySeries } from './summary-series.ts'

const QUANTILES = [0.5, 0.9, 0.99]

const NAMES = (Object.keys(METRICS_FAMILIES) as FamilyName[]).toSorted()

export function writeExposition(meter: Meter, openMetrics: boolean): string {
  const lines: string[] = []
  for (const name of NAMES) {
    const children = meter.series(name)
    if (children.length === 0) continue
    const form = METRICS_FAMILIES[name]
    // OpenMetrics names a counter without the ending that its sample has.
    const title = openMetrics && form.type === 'counter' ? name.replace(/_total$/, '') : name
    lines.push(
      `# HELP ${title} ${escapeHelp(form.help, openMetrics)}`,
      `# TYPE ${title} ${form.type}`,
    )
    const labelled = children.map((series) => [labelsOf(form, series), series] as const)
    labelled.sort(([a], [b]) => (a < b ? -1 : 1))
    for (const [labels, series] of labelled) writeSeries(lines, name, labels, series)
  }
  if (openMetrics) lines.push('# EOF')
  return lines.map((line) => `${line}\n`).join('')
}

function writeSeries(lines: string[], name: string, labels: string, series: Series): void {
  if (!(series instanceof SummarySeries)) {
    lines.push(`${name}${braced(labels)} ${series.value}`)
    return
  }
  const recent = series.recent()
  for (const rank of QUANTILES) {
    const quantile = `quantile="${rank}"`
    const all = labels === '' ? quantile : `${labels},${quantile}`
    lines.push(`${name}{${all}} ${recent.quantile(rank)}`)
  }
  lines.push(`${name}_sum${braced(labels)} ${series.sum}`)
  lines.push(`${name}_count${braced(labels)} ${series.count}`)
}

const braced = (labels: string): string => (labels === '' ? '' : `{${labels}}`)

const labelsOf = (form: MetricsFamily, series: Series): string =>
  form.labels.map((label, at) => `${label}="${escapeLabel(series.labels[at] ?? '')}"`).join(',')

const escapeLabel = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

/** Quotes are escaped in OpenMetrics alone. */
const escapeHelp = (help: string, openMetrics: boolean): string =>
  openMetrics ? escapeLabel(help) : help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
