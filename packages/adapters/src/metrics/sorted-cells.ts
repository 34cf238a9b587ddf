import type { Cell } from './quantile-sketch.ts'

/** Each as its mean and its count, in the order of the means. */
export const sortedCells = (
  cells: readonly Cell[],
): readonly (readonly [mean: number, count: number])[] =>
  cells
    .map((cell) => (typeof cell === 'number' ? ([cell, 1] as const) : cell))
    .toSorted(([a], [b]) => a - b)
