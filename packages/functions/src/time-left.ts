/** How long a function may go on, and when it should end by itself. */

/** What Lambda tells of it. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export interface Deadline {
  getRemainingTimeInMillis(): number
}

/** Milliseconds, for one piece of work under way and for writing down how far it came. */
const MARGIN = 60_000

/** Asked at the start. `stop` answers true once no more than a minute is left, or a tenth of the time where that is less. */
export function timeLeft(deadline: Deadline): {
  /** Milliseconds, after which Lambda has ended this invocation. */
  readonly whole: number
  readonly stop: () => boolean
} {
  const whole = deadline.getRemainingTimeInMillis()
  const margin = Math.min(MARGIN, whole / 10)
  return { whole, stop: () => deadline.getRemainingTimeInMillis() <= margin }
}
