/** What a registry keeps to; times in milliseconds throughout. */
export interface Policy {
  /** How long a blob without references is kept after it was last touched. */
  readonly grace: number
  /** How long an upload may lie idle. */
  readonly uploadIdle: number
  /** How long roles and bindings that were read are used again; a right that was taken away may last so long. */
  readonly rightsAge: number
  /** How long a writer owns an upload without a sign of life. */
  readonly uploadClaim: number
  /**
   * The one process, under a name that no other has had, whose writers may be alive: claims of all others are void. Where
   * several processes serve, or nobody can know, it is absent, and all claims are honoured until they run out.
   */
  readonly claimant?: string
}

/** Whether whoever claimed something until then, under that name of his process, may be at work on it. */
export const mayLive = (
  until: number,
  claimedBy: string,
  now: number,
  { claimant }: Policy,
): boolean => until > now && (claimant === undefined || claimant === claimedBy)

const HOUR = 3_600_000

/** Whoever was told of an object may still be reading it, or hold a URL of it (`services/blobs.ts`). */
const LONGEST_READ = HOUR / 3

/** How long an object stays that nothing names any more; nothing at all where unreferenced blobs have no grace. */
export const objectGrace = ({ grace }: Policy): number => Math.min(grace, LONGEST_READ)

/**
 * How long the store may hold bytes of an upload that nobody adds to before they count as nobody's: by then its record is
 * gone, or about to be removed for lying idle; and whoever is still sending has sent something since.
 */
export const strayAge = ({ uploadIdle }: Policy): number => 2 * Math.max(uploadIdle, HOUR)

export const DEFAULT_POLICY: Policy = {
  grace: 24 * HOUR,
  uploadIdle: 24 * HOUR,
  uploadClaim: 60_000,
  rightsAge: 10_000,
}
