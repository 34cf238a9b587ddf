/** A registry that takes part in the bench: ours or another, started the same way on the same disk. */

export type PeerId = 'sluice' | 'distribution-3' | 'distribution-2'

export interface Peer {
  readonly id: PeerId
  /** As the tables print it. */
  readonly name: string
  /** Exactly what was measured. */
  readonly version: string
  /** How many tags one manifest PUT may set (`?tag=`); only to fill a repository sooner. */
  readonly tagsPerPut: number
  /** Starts it on an empty or a used directory of its own. Throws when it does not answer in time. */
  start(dir: string): Promise<RunningPeer>
}

export interface RunningPeer {
  readonly peer: Peer
  /** Without a slash at the end. */
  readonly url: string
  readonly pid: number
  /** Headers that grant the scopes (as the token specification words them); none for an anonymous peer. */
  authorize(...scopes: readonly string[]): Promise<Readonly<Record<string, string>>>
  /** Ends the process and all of its workers; its directory stays. */
  stop(): Promise<void>
}

/** All ratios are against this one. */
export const BASELINE: PeerId = 'distribution-3'
