/** How long an upstream may take. */
export interface TransferLimits {
  /** Milliseconds until the connection stands, and then until the answer's headers are there. */
  readonly connectMs: number
  readonly headersMs: number
  /** Milliseconds without a byte of a body, and for a whole document (manifest, list, token). */
  readonly idleMs: number
  readonly documentMs: number
  /** Milliseconds for all pages of a list but the last. */
  readonly listMs: number
  /** Bytes a second, on average over each `idleMs` that were spent waiting for the upstream. */
  readonly slowest: number
}

export const TRANSFER_LIMITS: TransferLimits = {
  connectMs: 5000,
  headersMs: 10_000,
  idleMs: 30_000,
  documentMs: 30_000,
  listMs: 120_000,
  slowest: 1024,
}
