/** What an answer that is no success means. */
import type { Clock } from '@sluice/core/ports/clock'
import { UpstreamError, type UpstreamFailure } from '@sluice/core/ports/upstream'
import type { Answer } from './connections.ts'
import { headerOf } from './header-of.ts'
import { retryAfter } from './retry-after.ts'

const REFUSED = new Set([401, 403, 407, 451])

/** RFC 9209: what a registry of this kind says of its own upstream. */
const RELAYED = /\bsluice-[0-9a-f]{16};[^,]*\berror=/

export class RefuseAnswer {
  readonly #upstream: string
  readonly #clock: Clock

  constructor(upstream: string, clock: Clock) {
    this.#upstream = upstream
    this.#clock = clock
  }

  /** The error to throw; the answer's body is done with. */
  async refuse({ status, headers, body }: Answer): Promise<UpstreamError> {
    await body.discard()
    const seconds = retryAfter(headerOf(headers, 'retry-after'), this.#clock.now())
    const reason = reasonOf(status)
    return new UpstreamError(this.#upstream, reason, saying(reason, status), {
      ...(seconds !== undefined && { retryAfter: seconds }),
      relayed: RELAYED.test(headerOf(headers, 'proxy-status') ?? ''),
    })
  }
}

function saying(reason: UpstreamFailure, status: number): string {
  if (reason === 'lying') return `answers ${status}, as no registry should`
  if (reason !== 'looping') return `answers ${status}`
  return 'leads back to a registry that is already asking (508 Loop Detected): name another in its urls'
}

function reasonOf(status: number): UpstreamFailure {
  if (status === 508) return 'looping'
  if (status === 429) return 'limited'
  if (status >= 500) return 'failing'
  if (status === 408) return 'unreachable'
  return REFUSED.has(status) ? 'refusing' : 'lying'
}
