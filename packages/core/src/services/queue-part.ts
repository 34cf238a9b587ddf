import type { Clock } from '../ports/clock.ts'
import type { WatchedQueue } from '../ports/queue.ts'
import type { KnownPart } from './registry-parts.ts'

/** Whoever does the jobs has not come by for so long. */
const LONGEST_WAIT_MS = 2 * 60_000

/** The queue as a part of the registry: it works while it answers and nothing that is due is left lying. */
export const queuePart = (queue: Pick<WatchedQueue, 'state'>, clock: Clock): KnownPart => ({
  name: 'queue',
  state: async () => {
    const { waiting, dueSince, dead } = await queue.state()
    const late = clock.now() - (dueSince ?? Infinity)
    if (late > LONGEST_WAIT_MS) {
      throw new Error(
        `nobody does its jobs (${waiting}), the first since ${Math.floor(late / 1000)} s`,
      )
    }
    return dead === 0 ? undefined : `jobs that failed and were given up: ${dead}`
  },
})
