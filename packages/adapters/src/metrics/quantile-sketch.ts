/**
 * The distribution of many values in some hundred cells, each a mean and a count: a t-digest (Dunning, Ertl 2019) whose
 * cells are cut for the three quantiles that a summary tells, as in Cormode et al. 2005. With 0.5 ± 0.05, 0.9 ± 0.01 and
 * 0.99 ± 0.001 the three bounds are one line: a rank q may be wrong by 0.1 (1 - q), and beyond 0.99 by 0.001. A cell takes
 * an eighth of what both sides of that allow. Sketches are merged in any order and number, within the same bounds, which no package
 * that is kept up does: those with bounds on the value (DDSketch, HDR) tell ranks apart only where values differ enough.
 */
import { sortedCells } from './sorted-cells.ts'

const SHARE = 1 / 8

/** Of a cell whose last value has so many others `above` it. */
const mostAt = (above: number, total: number): number =>
  SHARE * 2 * Math.max(0.1 * above, 0.001 * total)

/** As sizes often are, which are all the same: to look is a tenth of what it is to sort. */
function inOrder(values: Float64Array): boolean {
  for (let at = 1; at < values.length; at++) if (values[at - 1]! > values[at]!) return false
  return true
}

/** [mean, count]; a number alone is a value that was seen once. */
export type Cell = number | readonly [mean: number, count: number]

export class QuantileSketch {
  #means: Float64Array = new Float64Array(0)
  #counts: Float64Array = new Float64Array(0)
  #total = 0

  /** `values` are sorted by this, in place; each stands for `weight` of them. */
  add(values: Float64Array, weight = 1): void {
    if (!inOrder(values)) values.sort()
    this.#merge(values, weight === 1 ? undefined : new Float64Array(values.length).fill(weight))
  }

  absorb(other: QuantileSketch): void {
    if (this.#total > 0) {
      this.#merge(other.#means, other.#counts)
      return
    }
    // Neither array is ever written to again.
    this.#means = other.#means
    this.#counts = other.#counts
    this.#total = other.#total
  }

  merge(cells: readonly Cell[]): void {
    const sorted = sortedCells(cells)
    this.#merge(
      Float64Array.from(sorted, ([mean]) => mean),
      Float64Array.from(sorted, ([, count]) => count),
    )
  }

  cells(): Cell[] {
    return Array.from(this.#means, (mean, at) => {
      const count = this.#counts[at]!
      return count === 1 ? mean : [mean, count]
    })
  }

  /** NaN where nothing was seen. */
  quantile(rank: number): number {
    const target = Math.max(1, Math.ceil(rank * this.#total))
    let before = 0
    for (let at = 0; at < this.#means.length; at++) {
      const count = this.#counts[at]!
      if (before + count >= target) return this.#within(at, target - before)
      before += count
    }
    return NaN
  }

  /** The value of a rank (1 to its count) within a cell, whose values reach half way to its neighbours'. */
  #within(at: number, rank: number): number {
    const mean = this.#means[at]!
    const count = this.#counts[at]!
    if (count === 1) return mean
    const fromMiddle = (rank - 0.5) / count - 0.5
    const next = fromMiddle < 0 ? at - 1 : at + 1
    if (next < 0 || next >= this.#means.length) return mean
    const both = count + this.#counts[next]!
    return mean + (Math.abs(fromMiddle) * 2 * count * (this.#means[next]! - mean)) / both
  }

  /** Both in order; without counts each value counts once. */
  #merge(means: Float64Array, counts: Float64Array | undefined): void {
    const [ownMeans, ownCounts] = [this.#means, this.#counts]
    const most = ownMeans.length + means.length
    const [newMeans, newCounts] = [new Float64Array(most), new Float64Array(most)]
    let total = this.#total
    if (counts === undefined) total += means.length
    else for (const count of counts) total += count

    let cells = 0
    let before = 0
    let mean = 0
    let count = 0
    let [own, other] = [0, 0]
    while (own < ownMeans.length || other < means.length) {
      const takeOwn =
        other >= means.length || (own < ownMeans.length && ownMeans[own]! <= means[other]!)
      const nextMean = takeOwn ? ownMeans[own]! : means[other]!
      const nextCount = takeOwn ? ownCounts[own]! : (counts?.[other] ?? 1)
      if (takeOwn) own++
      else other++
      const together = count + nextCount
      const fits = together <= mostAt(total - before - together, total)
      if (count > 0 && fits) {
        // Equal values keep theirs to the last bit.
        if (nextMean !== mean) mean += ((nextMean - mean) * nextCount) / together
        count = together
        continue
      }
      if (count > 0) {
        newMeans[cells] = mean
        newCounts[cells++] = count
        before += count
      }
      mean = nextMean
      count = nextCount
    }
    if (count > 0) {
      newMeans[cells] = mean
      newCounts[cells++] = count
    }
    this.#means = newMeans.slice(0, cells)
    this.#counts = newCounts.slice(0, cells)
    this.#total = total
  }
}
