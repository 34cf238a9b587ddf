/** Lets another stop what waits for a source that may never send again. */
export class Interruption {
  #reason: unknown
  #stopped = false
  #wake: ((reason: unknown) => void) | undefined

  stop(reason: unknown): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#reason = reason
    this.#wake?.(reason)
  }

  throwIfStopped(): void {
    if (this.#stopped) throw this.#reason
  }

  /** The step's own end, or the stop if that comes first. One step at a time. */
  async during<T>(step: Promise<T>): Promise<T> {
    this.throwIfStopped()
    // Not Promise.race, which would leave a listener behind for each of a million steps.
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#wake = reject
    step.then(resolve, reject)
    return promise
  }
}
