/** How an upstream's failure is told: as this registry's inability, never as if the upstream had said there is no such thing. */
import { RegistryError, type ErrorCode } from '@sluice/core/errors'
import type { UpstreamError, UpstreamFailure } from '@sluice/core/ports/upstream'

const REFUSALS: Record<
  UpstreamFailure,
  { readonly code: ErrorCode; readonly retryAfter?: number }
> = {
  unreachable: { code: 'UNAVAILABLE', retryAfter: 5 },
  failing: { code: 'UNAVAILABLE', retryAfter: 5 },
  limited: { code: 'TOOMANYREQUESTS', retryAfter: 60 },
  refusing: { code: 'UNAVAILABLE', retryAfter: 30 },
  lying: { code: 'UNAVAILABLE', retryAfter: 30 },
  looping: { code: 'UNAVAILABLE' },
  forbidden: { code: 'DENIED' },
}

export function upstreamRefusal(error: UpstreamError): RegistryError {
  const { code, retryAfter } = REFUSALS[error.reason]
  const after = error.retryAfter ?? retryAfter
  return new RegistryError(code, error.message, {
    cause: error,
    ...(after === undefined ? {} : { retryAfter: after }),
  })
}
