/**
 * What a meter read, as a plain value: handed on by `Meter.take`, poured into another by `Meter.fold`. A row is the values
 * of the family's labels in its order, and what was counted:
 *
 *     counter   [labels, by]                 to be added
 *     gauge     [labels, by]                 over `sum`: to be added, also when negative
 *               [labels, value, at]          over `last`: stands until a later one; `at` in milliseconds since the epoch
 *     summary   [labels, count, sum, slots]  to be added; a slot is [number, cells], its number the time in periods of
 *                                            `SLOT_MS`, its cells those of a QuantileSketch
 *
 * Families of a newer version that this one does not know are left out when they are folded.
 */
import type { Cell } from './quantile-sketch.ts'

export const READINGS_VERSION = 1

/** A quantile looks back ten minutes, in five steps. */
export const SLOT_MS = 120_000
export const SLOTS = 5

export type Labels = readonly string[]
export type Slot = readonly [number: number, cells: readonly Cell[]]

export type Row =
  | readonly [Labels, number]
  | readonly [Labels, value: number, at: number]
  | readonly [Labels, count: number, sum: number, slots: readonly Slot[]]

export interface Readings {
  readonly version: number
  readonly families: { readonly [family: string]: readonly Row[] }
}
