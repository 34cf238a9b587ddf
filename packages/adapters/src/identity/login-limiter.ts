/** One token bucket for each network address: how often a caller may present credentials that turn out to be wrong. */
import { isIPv6 } from 'node:net'
import { BoundedMap } from '@sluice/core/bounded-map'
import type { Clock } from '@sluice/core/ports/clock'

export const FAILURE_BURST = 10
export const FAILURES_PER_SECOND = 1
/** The address seen longest ago is forgotten first; forgetting one only gives it a fresh burst. */
export const MAX_ADDRESSES = 10_000

interface Bucket {
  tokens: number
  filledAt: number
}

export class LoginLimiter {
  readonly #clock: Clock
  readonly #buckets = new BoundedMap<string, Bucket>(MAX_ADDRESSES)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes one attempt. A number is a refusal: the seconds after which to ask again. */
  take(from: string): number | undefined {
    const bucket = this.#bucket(from)
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / FAILURES_PER_SECOND)
    bucket.tokens -= 1
    return undefined
  }

  /** For an attempt that was no failure after all. */
  giveBack(from: string): void {
    const bucket = this.#bucket(from)
    bucket.tokens = Math.min(FAILURE_BURST, bucket.tokens + 1)
  }

  #bucket(from: string): Bucket {
    const now = this.#clock.now()
    const name = network(from)
    const bucket = this.#buckets.get(name) ?? { tokens: FAILURE_BURST, filledAt: now }
    // A clock that was set back must not empty the bucket.
    const seconds = Math.max(0, now - bucket.filledAt) / 1000
    bucket.tokens = Math.min(FAILURE_BURST, bucket.tokens + seconds * FAILURES_PER_SECOND)
    bucket.filledAt = now
    this.#buckets.set(name, bucket)
    return bucket
  }
}

/** One IPv6 customer holds 2^64 addresses and more: the first 64 bits stand for all of them. */
function network(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [head = [], tail = []] = address
    .split('::')
    .map((side) => (side === '' ? [] : side.split(':')))
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  return [...head, ...zeros, ...tail].slice(0, 4).join(':')
}
