/** Kubernetes' `Status`: the one form of all refusals of the admin API. */
import { RegistryError, type ErrorCode } from '@sluice/core/errors'
import { ObjectError, type ObjectErrorReason } from '@sluice/core/object-error'
import { StorageError } from '@sluice/core/ports/storage-error'
import { UpstreamError } from '@sluice/core/ports/upstream'
import { UnauthorizedError } from '../challenge.ts'
import { BodyTooLargeError } from '../request-body.ts'
import { upstreamRefusal } from '../upstream-refusal.ts'

const CODES: Record<ObjectErrorReason, number> = {
  AlreadyExists: 409,
  BadRequest: 400,
  Conflict: 409,
  Expired: 410,
  Forbidden: 403,
  Invalid: 422,
  MethodNotAllowed: 405,
  NotFound: 404,
  RequestEntityTooLarge: 413,
  TooManyRequests: 429,
  Unauthorized: 401,
  UnsupportedMediaType: 415,
}

/** What the services of a registry refuse, where the admin API calls them. */
const REASONS: Partial<Record<ErrorCode, ObjectErrorReason>> = {
  DENIED: 'Forbidden',
  DIGEST_INVALID: 'BadRequest',
  MANIFEST_UNKNOWN: 'NotFound',
  NAME_INVALID: 'BadRequest',
  NAME_UNKNOWN: 'NotFound',
  REQUEST_INVALID: 'BadRequest',
  TAG_INVALID: 'BadRequest',
  TOOMANYREQUESTS: 'TooManyRequests',
  UNSUPPORTED: 'Conflict',
}

/** What the request was about. */
export interface Subject {
  readonly name?: string
  readonly group?: string
  /** The resource, in the plural. */
  readonly kind?: string
}

export interface StatusAnswer {
  readonly code: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: object
  /** A failure of ours, for the log. */
  readonly failure?: unknown
}

export function statusOf(thrown: unknown, subject: Subject = {}): StatusAnswer {
  if (thrown instanceof ObjectError) {
    const causes = thrown.causes.map(({ reason, message, field }) => ({ reason, message, field }))
    const details = { ...subject, ...(causes.length > 0 ? { causes } : {}) }
    return answer(CODES[thrown.reason], thrown.reason, thrown.message, details)
  }
  if (thrown instanceof UnauthorizedError) {
    return answer(401, 'Unauthorized', 'Unauthorized', subject, {
      'WWW-Authenticate': thrown.challenge,
    })
  }
  if (thrown instanceof BodyTooLargeError) {
    return answer(413, 'RequestEntityTooLarge', 'the body of the request is too large', subject)
  }
  if (thrown instanceof RegistryError) {
    const reason = REASONS[thrown.code]
    const message = thrown.details.map((one) =>
      typeof one === 'string' ? one : JSON.stringify(one),
    )
    const retry = thrown.retryAfter
    const headers: Record<string, string> =
      retry === undefined ? {} : { 'Retry-After': String(retry) }
    const details = retry === undefined ? subject : { ...subject, retryAfterSeconds: retry }
    if (reason) return answer(CODES[reason], reason, message.join('; '), details, headers)
    return answer(503, 'ServiceUnavailable', message.join('; '), details, headers)
  }
  if (thrown instanceof UpstreamError) {
    return { ...statusOf(upstreamRefusal(thrown), subject), failure: thrown }
  }
  if (thrown instanceof StorageError) {
    const message = 'the storage does not answer: nothing was lost; try again'
    const details = { ...subject, retryAfterSeconds: 5 }
    return {
      ...answer(503, 'ServiceUnavailable', message, details, { 'Retry-After': '5' }),
      failure: thrown,
    }
  }
  const message = 'the registry failed; its log says why'
  return { ...answer(500, 'InternalError', message, subject), failure: thrown }
}

function answer(
  code: number,
  reason: string,
  message: string,
  details: object,
  headers: Readonly<Record<string, string>> = {},
): StatusAnswer {
  const kind = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' }
  const said = Object.keys(details).length > 0 ? { details } : {}
  return { code, headers, body: { ...kind, message, reason, ...said, code } }
}

export const success = (subject: Subject & { readonly uid?: string }): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: subject,
})
