/** Values as requests have them, the same for the same seed. */
import type { SeededRandom } from '../../faults/seeded-random.ts'

const normal = (random: SeededRandom): number =>
  Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction())

export const DISTRIBUTIONS: Readonly<Record<string, (random: SeededRandom) => number>> = {
  'log-normal, wide': (random) => 0.005 * Math.exp(1.5 * normal(random)),
  'log-normal, tight': (random) => 0.005 * Math.exp(0.02 * normal(random)),
  uniform: (random) => random.fraction(),
  'two peaks far apart': (random) =>
    random.fraction() < 0.9 ? 0.001 + 0.0001 * random.fraction() : 2 + 0.5 * random.fraction(),
  'three sizes': (random) => [512, 513, 1_000_000][Math.floor(random.fraction() * 3)]!,
  constant: () => 0.003,
}
