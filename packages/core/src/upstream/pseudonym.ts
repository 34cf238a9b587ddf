import { createHash } from 'node:crypto'

/**
 * What a registry calls itself in `Via`, from a text that only its own processes have: other registries are told nothing
 * of that, and compare the name alone.
 */
export const pseudonymOf = (text: string): string =>
  `sluice-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
