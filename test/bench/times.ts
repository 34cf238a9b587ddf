import type { Peer } from './peers/peer.ts'

/** Seconds of each repetition. */
export class Times {
  readonly #of = new Map<string, number[]>()

  add(row: string, peer: Peer, seconds: number): void {
    this.#of.set(row + peer.id, [...this.all(row, peer), seconds])
  }

  all(row: string, peer: Peer): readonly number[] {
    return this.#of.get(row + peer.id) ?? []
  }
}
