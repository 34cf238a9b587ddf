import type { Log } from '../ports/log.ts'
import type { Courier } from './deliveries.ts'

/** What a receiver did not take, told in the log: a failure only when nobody tries any more. */
export const untakenTo =
  (log: Pick<Log, 'warn' | 'error'>): Courier['onUntaken'] =>
  ({ isDead, ...event }) => {
    if (isDead) log.error('an event is a dead letter', event)
    else log.warn('an event was not taken, and is tried again', event)
  }
