/** Values as requests have them, the same in each run. */

/** mulberry32: uniform numbers between 0 and 1. */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

export const DISTRIBUTIONS: Readonly<Record<string, (random: () => number) => number>> = {
  'log-normal, wide': (random) => 0.005 * Math.exp(1.5 * normal(random)),
  'log-normal, tight': (random) => 0.005 * Math.exp(0.02 * normal(random)),
  uniform: (random) => random(),
  'two peaks far apart': (random) =>
    random() < 0.9 ? 0.001 + 0.0001 * random() : 2 + 0.5 * random(),
  'three sizes': (random) => [512, 513, 1_000_000][Math.floor(random() * 3)]!,
  constant: () => 0.003,
}
