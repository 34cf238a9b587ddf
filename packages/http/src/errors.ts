/** The one place where an error becomes a response (spec "Error Codes"). */
import {
  RegistryError,
  UploadOffsetError,
  BlobRangeError,
  type ErrorCode,
} from '@sluice/core/errors'
import { StorageError } from '@sluice/core/ports/storage-error'
import { UpstreamError, type UpstreamFailure } from '@sluice/core/ports/upstream'
import { challengeOf } from './challenge.ts'
import type { AppContext, Parts } from './app-environment.ts'
import { BodyTooLargeError } from './request-body.ts'
import { failedRequest } from './failed-request.ts'
import { proxyStatus } from './proxy-status.ts'
import { respond, type PlainHeaders } from './respond.ts'
import { uploadHeaders } from './upload-headers.ts'
import { upstreamRefusal } from './upstream-refusal.ts'

const STATUS: Record<ErrorCode, number> = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DENIED: 403,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 400,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  NOT_FOUND: 404,
  PAGINATION_NUMBER_INVALID: 400,
  RANGE_INVALID: 416,
  REQUEST_INVALID: 400,
  SIZE_INVALID: 400,
  TAG_INVALID: 400,
  TOOMANYREQUESTS: 429,
  UNAUTHORIZED: 401,
  UNAVAILABLE: 503,
  UNKNOWN: 500,
  UNSUPPORTED: 405,
}

export function writeError(thrown: unknown, c: AppContext, parts: Parts): Response {
  const error = asRegistryError(thrown)
  if (!(thrown instanceof RegistryError)) {
    parts.onFailure?.(thrown, failedRequest(c))
  }
  const headers: PlainHeaders = { 'Content-Type': 'application/json' }
  const challenge = challengeOf(error)
  if (challenge) headers['WWW-Authenticate'] = challenge
  if (error.retryAfter !== undefined) headers['Retry-After'] = String(error.retryAfter)
  if (error instanceof UploadOffsetError) {
    const { repository, id, offset } = error.upload
    Object.assign(headers, uploadHeaders(repository, { id, offset }))
  }
  if (error instanceof BlobRangeError) headers['Content-Range'] = `bytes */${error.size}`
  const { caches } = parts.registry
  const relayed = caches && proxyStatus(caches.pseudonym, error.cause)
  if (relayed !== undefined) headers['Proxy-Status'] = relayed
  const status = statusOf(error)
  const { log } = c.env ?? {}
  if (log) {
    log.refused(error, status)
    headers['X-Request-Id'] = log.id
  }
  if (status === 405) {
    // Of itself core refuses only the deletion of what can still be read.
    headers.Allow = error instanceof MethodError ? error.allowed.join(', ') : 'GET, HEAD'
  }
  if (c.req.method === 'HEAD') return respond(status, headers)
  const { code, message } = error
  const errors = error.details.map((detail) => ({ code, message, detail }))
  return respond(status, headers, JSON.stringify({ errors }))
}

/**
 * RFC 9110 section 15.6.3: there was an answer, and not one to pass on. 508 (RFC 5842 section 7.2): clients show a status
 * of 5xx and not its body, and a registry that asks this one takes it for no failure of all that is here.
 */
const UPSTREAM_STATUS: Readonly<Partial<Record<UpstreamFailure, number>>> = {
  refusing: 502,
  lying: 502,
  looping: 508,
}

function statusOf(error: RegistryError): number {
  if (error instanceof BodyTooLargeError) return 413
  const { cause, code } = error
  const said = cause instanceof UpstreamError ? UPSTREAM_STATUS[cause.reason] : undefined
  return said ?? STATUS[code]
}

/** A path that exists, asked with a method that it has not. */
export class MethodError extends RegistryError {
  override readonly name = 'MethodError'
  readonly allowed: readonly string[]

  constructor(allowed: readonly string[]) {
    super('UNSUPPORTED', `this path takes ${allowed.join(', ')}`)
    this.allowed = allowed
  }
}

function asRegistryError(thrown: unknown): RegistryError {
  if (thrown instanceof RegistryError) return thrown
  if (thrown instanceof UpstreamError) return upstreamRefusal(thrown)
  if (thrown instanceof StorageError) {
    if (thrown.reason === 'limit') {
      return new RegistryError('BLOB_UPLOAD_INVALID', thrown.message, { cause: thrown })
    }
    const detail =
      thrown.reason === 'full'
        ? 'the registry has no room left: nothing was stored; try again when there is room'
        : 'the storage does not answer: nothing was lost; try again, /readyz?verbose says what fails'
    return new RegistryError('UNAVAILABLE', detail, { cause: thrown, retryAfter: 5 })
  }
  return new RegistryError('UNKNOWN', 'the registry failed; its log says why', { cause: thrown })
}
