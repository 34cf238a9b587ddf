/** Says that it is an upstream that failed, and not this registry (RFC 9209): for one that reads through this one. */
import { UpstreamError, type UpstreamFailure } from '@sluice/core/ports/upstream'

/** RFC 9209 section 2.3. */
const ERRORS: Record<UpstreamFailure, string> = {
  unreachable: 'destination_unavailable',
  failing: 'destination_unavailable',
  limited: 'destination_unavailable',
  refusing: 'destination_unavailable',
  lying: 'http_protocol_error',
  looping: 'proxy_loop_detected',
  forbidden: 'proxy_configuration_error',
}

/** `undefined` of what has another cause. */
export const proxyStatus = (pseudonym: string, cause: unknown): string | undefined =>
  cause instanceof UpstreamError ? `${pseudonym}; error=${ERRORS[cause.reason]}` : undefined
