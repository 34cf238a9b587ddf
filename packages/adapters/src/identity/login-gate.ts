/** Lets few slow checks run at once and few more wait: each takes 32 MiB and a thread that file reads need as well. */

export const MAX_CHECKS_AT_ONCE = 2
export const MAX_CHECKS_WAITING = 32

export class LoginGate {
  #running = 0
  readonly #waiting: (() => void)[] = []

  /** Runs the check when its turn comes; `undefined` at once where too many wait already. */
  async run<T>(check: () => Promise<T>): Promise<T | undefined> {
    if (this.#running < MAX_CHECKS_AT_ONCE) {
      this.#running += 1
    } else {
      if (this.#waiting.length >= MAX_CHECKS_WAITING) return undefined
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    try {
      return await check()
    } finally {
      // The place goes straight to the next in line, so that no newcomer slips in between.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }
}
