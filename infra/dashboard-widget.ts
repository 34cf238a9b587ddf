/** Of a graph: a metric, its dimensions and how it is drawn, or an expression over others by their ids. */
export type Line = readonly [...$util.Input<string>[], object]

export interface Widget {
  readonly title: string
  readonly lines: readonly Line[]
  readonly stat?: string
  /** Seconds; five minutes without it. */
  readonly period?: number
}
