/** A fill under way in this process, for whoever follows it. */
import type { StoredLink } from '../records/blob-record.ts'
import { RecentPieces } from './recent-pieces.ts'

/** What a fill tells of its way. */
export interface FillProgress {
  /** These bytes came, and are next stored. They never change. */
  came(start: number, bytes: Uint8Array): void
  /** What was stored grew. */
  moved(): void
  /** All bytes came, and are those of the blob. */
  verified(): void
}

export class RunningFill {
  /** The blob's link, once it is here. */
  readonly done: Promise<StoredLink | undefined>
  /** Whether `done` is settled. */
  over = false
  /** Whether all bytes came that the digest is of; they may not be stored yet. */
  verified = false
  readonly recent = new RecentPieces()
  readonly #waiting = new Set<() => void>()

  constructor(run: (progress: FillProgress) => Promise<StoredLink | undefined>) {
    const wake = (): void => {
      for (const each of this.#waiting) each()
    }
    const progress: FillProgress = {
      came: (start, bytes) => {
        // In the place of what was verified: it was lost before it was kept.
        if (start !== this.recent.end) this.verified = false
        this.recent.add(start, bytes)
        wake()
      },
      moved: wake,
      verified: () => {
        this.verified = true
        wake()
      },
    }
    this.done = run(progress).finally(() => {
      this.over = true
      wake()
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
}
