/** An answer that the upstream could not be asked about. */
export interface Stale {
  /** Seconds since the upstream last said so; `undefined` where it never has, and only what was pulled from it is known. */
  readonly age: number | undefined
  readonly reason: string
}
