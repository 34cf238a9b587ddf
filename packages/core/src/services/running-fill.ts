/** A fill under way in this process, for whoever follows it. */
import type { StoredLink } from '../records/blob-record.ts'

export class RunningFill {
  /** The blob's link, once it is here. */
  readonly done: Promise<StoredLink | undefined>
  /** Whether `done` is settled. */
  over = false
  readonly #waiting = new Set<() => void>()

  constructor(run: (moved: () => void) => Promise<StoredLink | undefined>) {
    this.done = run(() => this.#wake()).finally(() => {
      this.over = true
      this.#wake()
    })
    // Whoever waits for it hears of a failure; nobody may.
    void this.done.catch(() => undefined)
  }

  /** When more bytes came, or it is over, or so many milliseconds have passed. */
  async moved(most: number): Promise<void> {
    if (this.over) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(wake, most)
      const waiting = this.#waiting
      waiting.add(wake)
      function wake(): void {
        clearTimeout(timer)
        waiting.delete(wake)
        resolve()
      }
    })
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }
}
