/**
 * Keeps from asking an upstream that cannot answer. Two failures in a row open the circuit for a while, longer each time;
 * then one question goes through, and decides. A refusal by count (429) opens it for as long as the upstream says.
 */
import type { Clock } from '../ports/clock.ts'
import { UpstreamError } from '../ports/upstream.ts'

const FAILURES = 2
const FIRST_MS = 5_000
const LONGEST_MS = 5 * 60_000
const LIMITED_MS = 60_000

export class Circuit {
  readonly #upstream: string
  readonly #clock: Clock
  #failures = 0
  #openedFor = 0
  #until = 0
  #last: UpstreamError | undefined
  #probing = false
  #slow = false

  constructor(upstream: string, clock: Clock) {
    this.#upstream = upstream
    this.#clock = clock
  }

  /** The failure that keeps the circuit open, if it is. */
  get open(): UpstreamError | undefined {
    const left = this.#until - this.#clock.now()
    // More than there can be: the clock was ahead when it was opened.
    const isOver = left <= 0 || left > LONGEST_MS
    if (!this.#last || (isOver && !this.#probing)) return undefined
    const { reason } = this.#last
    const retryAfter = Math.max(1, Math.ceil(left / 1000))
    const message =
      reason === 'limited' ? 'asked for fewer requests' : 'did not answer a moment ago'
    return new UpstreamError(this.#upstream, reason, message, { retryAfter, cause: this.#last })
  }

  /** Somebody has waited in vain, and no answer has come since. */
  get slow(): boolean {
    return this.#slow
  }

  isSlow(): void {
    this.#slow = true
  }

  async ask<T>(question: () => Promise<T>): Promise<T> {
    const open = this.open
    if (open) throw open
    const probe = this.#last !== undefined
    this.#probing ||= probe
    try {
      const answer = await question()
      this.#close()
      return answer
    } catch (error) {
      if (error instanceof UpstreamError) this.#failed(error)
      throw error
    } finally {
      if (probe) this.#probing = false
    }
  }

  #failed(error: UpstreamError): void {
    if (error.reason === 'limited')
      this.#openFor((error.retryAfter ?? 0) * 1000 || LIMITED_MS, error)
    else if (error.reason !== 'unreachable' && error.reason !== 'failing') this.#close()
    else if (++this.#failures >= FAILURES) {
      this.#openedFor = Math.min(LONGEST_MS, this.#openedFor * 2 || FIRST_MS)
      this.#openFor(this.#openedFor, error)
    }
  }

  #openFor(time: number, error: UpstreamError): void {
    this.#until = this.#clock.now() + Math.min(time, LONGEST_MS)
    this.#last = error
  }

  #close(): void {
    this.#slow = false
    this.#failures = 0
    this.#openedFor = 0
    this.#until = 0
    this.#last = undefined
  }
}
