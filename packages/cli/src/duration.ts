import { CommandError } from './command-error.ts'

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** Seconds of `1h30m`, as Go writes durations, and days besides. Throws `CommandError`. */
export function secondsOf(duration: string): number {
  const parts = [...duration.matchAll(/(\d+)([smhd])/g)]
  if (duration === '' || parts.map(([part]) => part).join('') !== duration) {
    throw new CommandError(`error: invalid duration "${duration}": say 30m or 24h`)
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit!] ?? 1), 0)
}
