/**
 * The refusals of a registry. Codes are the specification's (code-1 to code-14), with distribution's names where the
 * specification has none. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
 */

const MESSAGES = {
  BLOB_UNKNOWN: 'blob unknown to registry',
  BLOB_UPLOAD_INVALID: 'blob upload invalid',
  BLOB_UPLOAD_UNKNOWN: 'blob upload unknown to registry',
  DENIED: 'requested access to the resource is denied',
  DIGEST_INVALID: 'provided digest did not match uploaded content',
  MANIFEST_BLOB_UNKNOWN: 'manifest references a manifest or blob unknown to registry',
  MANIFEST_INVALID: 'manifest invalid',
  MANIFEST_UNKNOWN: 'manifest unknown to registry',
  NAME_INVALID: 'invalid repository name',
  NAME_UNKNOWN: 'repository name not known to registry',
  NOT_FOUND: 'no such path',
  PAGINATION_NUMBER_INVALID: 'invalid number of results requested',
  RANGE_INVALID: 'invalid content range',
  REQUEST_INVALID: 'the request is malformed',
  SIZE_INVALID: 'provided length did not match content length',
  TAG_INVALID: 'manifest tag did not match grammar',
  TOOMANYREQUESTS: 'too many requests',
  UNAUTHORIZED: 'authentication required',
  UNAVAILABLE: 'service unavailable',
  UNKNOWN: 'unknown error',
  UNSUPPORTED: 'the operation is unsupported',
} as const

export type ErrorCode = keyof typeof MESSAGES

export class RegistryError extends Error {
  override readonly name: string = 'RegistryError'
  readonly code: ErrorCode
  /** One entry for each thing that is wrong; a client sees one error for each. Each says what to do. */
  readonly details: readonly unknown[]
  /** Seconds after which the same request may succeed. */
  readonly retryAfter: number | undefined

  constructor(
    code: ErrorCode,
    details: string | readonly unknown[],
    options: { readonly retryAfter?: number; readonly cause?: unknown } = {},
  ) {
    super(MESSAGES[code], { cause: options.cause })
    this.code = code
    this.details = typeof details === 'string' ? [details] : details
    this.retryAfter = options.retryAfter
  }
}

/** The bytes do not continue the upload where it stands; the answer tells the client where that is. */
export class UploadOffsetError extends RegistryError {
  override readonly name = 'UploadOffsetError'
  readonly upload: { readonly repository: string; readonly id: string; readonly offset: number }

  constructor(upload: UploadOffsetError['upload'], detail: string, cause?: unknown) {
    super('RANGE_INVALID', detail, { cause })
    this.upload = upload
  }
}

/** No byte of the asked range exists. */
export class BlobRangeError extends RegistryError {
  override readonly name = 'BlobRangeError'
  readonly size: number

  constructor(size: number) {
    super('RANGE_INVALID', `the blob has ${size} bytes; ask for a range that begins within them`)
    this.size = size
  }
}
