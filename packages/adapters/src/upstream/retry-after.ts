const LONGEST = 86_400
/** `Date.parse` takes much more than a date of HTTP. */
const DATE = /^[A-Z][a-z]{2,8},? .* GMT$/

/** Seconds that Retry-After asks for, as a number or a date (RFC 9110 section 10.2.3); at most a day. `now`: milliseconds. */
export function retryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const isNumber = /^\d{1,9}$/.test(text)
  if (!isNumber && !DATE.test(text)) return undefined
  const seconds = isNumber ? Number(text) : Math.ceil((Date.parse(text) - now) / 1000)
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), LONGEST)
}
