/** Times that a registry keeps; milliseconds throughout. */
export interface Policy {
  /** How long a blob without references is kept after it was last touched. */
  readonly grace: number
  /** How long an upload may lie idle. */
  readonly uploadIdle: number
  /** How long a writer owns an upload without a sign of life. */
  readonly uploadClaim: number
}

const HOUR = 3_600_000

export const DEFAULT_POLICY: Policy = {
  grace: 24 * HOUR,
  uploadIdle: 24 * HOUR,
  uploadClaim: 60_000,
}
