import type { Clock } from '@sluice/core/ports/clock'

const STEP_MS = 1000

/** The time to a second, for what is told it with each request: to ask the system costs more than to count. */
export function coarseClock(): Clock {
  let time = Date.now()
  setInterval(() => {
    time = Date.now()
  }, STEP_MS).unref()
  return { now: () => time }
}
