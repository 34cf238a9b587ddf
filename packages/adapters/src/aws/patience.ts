/** How long one call goes on trying what may pass. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Well within the 30 s for which a gateway waits, and long enough for a partition to be split under load. */
const PATIENCE_MS = 8000

const FIRST_PAUSE_MS = 25
const LONGEST_PAUSE_MS = 800

/**
 * Full jitter: callers that were refused together come back apart.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export class Patience {
  readonly #until = performance.now() + PATIENCE_MS
  #longest = FIRST_PAUSE_MS

  /** Waits a little, longer each time; answers `false` at once when the next try would come too late. */
  async pause(): Promise<boolean> {
    const pause = Math.random() * this.#longest
    if (performance.now() + pause > this.#until) return false
    this.#longest = Math.min(LONGEST_PAUSE_MS, this.#longest * 2)
    await sleep(pause)
    return true
  }
}
