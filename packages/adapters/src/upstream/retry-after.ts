const LONGEST = 86_400

/** Seconds that Retry-After asks for, as a number or a date (RFC 9110 section 10.2.3); at most a day. `now`: milliseconds. */
export function retryAfter(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  const seconds = /^\d{1,9}$/.test(text.trim())
    ? Number(text)
    : Math.ceil((Date.parse(text) - now) / 1000)
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), LONGEST)
}
