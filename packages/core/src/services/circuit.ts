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

/** Hears of each that opens, with why, and of each that was open and closes. */
export type CircuitTold = (
  upstream: string,
  failure: { readonly problem: string; readonly until: number } | undefined,
) => Promise<void>

export class Circuit {
  readonly #upstream: string
  readonly #clock: Clock
  readonly #told: CircuitTold | undefined
  #failures = 0
  #openedFor = 0
  #until = 0
  #last: UpstreamError | undefined
  #probing = false
  #slow = false

  constructor(upstream: string, clock: Clock, told?: CircuitTold) {
    this.#upstream = upstream
    this.#clock = clock
    this.#told = told
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
      await this.#close()
      return answer
    } catch (error) {
      if (error instanceof UpstreamError) await this.#failed(error)
      throw error
    } finally {
      if (probe) this.#probing = false
    }
  }

  async #failed(error: UpstreamError): Promise<void> {
    // Nothing was asked, or what was answered is not to be followed.
    if (error.reason === 'forbidden') return
    if (error.relayed) await this.#close()
    else if (error.reason === 'limited')
      await this.#openFor((error.retryAfter ?? 0) * 1000 || LIMITED_MS, error)
    else if (error.reason !== 'unreachable' && error.reason !== 'failing') await this.#close()
    else if (++this.#failures >= FAILURES) {
      this.#openedFor = Math.min(LONGEST_MS, this.#openedFor * 2 || FIRST_MS)
      await this.#openFor(this.#openedFor, error)
    }
  }

  async #openFor(time: number, error: UpstreamError): Promise<void> {
    this.#until = this.#clock.now() + Math.min(time, LONGEST_MS)
    this.#last = error
    await this.#told?.(this.#upstream, { problem: error.message, until: this.#until })
  }

  async #close(): Promise<void> {
    const wasOpen = this.#last !== undefined
    this.#slow = false
    this.#failures = 0
    this.#openedFor = 0
    this.#until = 0
    this.#last = undefined
    if (wasOpen) await this.#told?.(this.#upstream, undefined)
  }
}
