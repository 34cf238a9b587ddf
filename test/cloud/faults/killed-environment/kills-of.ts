import type { Kill } from './killing-calls.ts'

/** One before and one after each of these calls, which one request makes in this order. */
export const killsOf = (names: readonly string[]): Kill[] =>
  names.flatMap((name, at) => {
    const nth = names.slice(0, at + 1).filter((other) => other === name).length
    return (['before', 'after'] as const).map((moment) => ({ name, nth, moment }))
  })
