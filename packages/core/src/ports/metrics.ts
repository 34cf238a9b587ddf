/** Where a registry counts and measures what it does. Nothing here throws, waits or fails. */
import type { LabelsOf, NameOf } from '../metrics-families.ts'

export interface Counter {
  /** Never less than 0. */
  add(by: number): void
}

export interface Gauge {
  set(to: number): void
  add(by: number): void
}

export interface Summary {
  /** What is no finite number is not counted. */
  observe(value: number): void
}

/**
 * The child of a family with these label values, always the same one. It is there, at 0, from the first time that it is
 * asked for. Whoever counts with each request asks once and keeps it: asking costs more than counting.
 */
export interface Metrics {
  counter<N extends NameOf<'counter'>>(family: N, labels: LabelsOf<N>): Counter
  gauge<N extends NameOf<'gauge'>>(family: N, labels: LabelsOf<N>): Gauge
  summary<N extends NameOf<'summary'>>(family: N, labels: LabelsOf<N>): Summary
}
