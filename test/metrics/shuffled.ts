import type { SeededRandom } from '../faults/seeded-random.ts'

/** In another order, as `random` draws it. */
export function shuffled<T>(values: readonly T[], random: SeededRandom): T[] {
  const all = [...values]
  for (let at = all.length - 1; at > 0; at--) {
    const other = random.below(at + 1)
    ;[all[at], all[other]] = [all[other]!, all[at]!]
  }
  return all
}
