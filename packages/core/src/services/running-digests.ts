/**
 * Hashes of uploads in progress, kept in this thread between two requests of one upload: node:crypto cannot write a
 * hash down. An upload whose hash is not here is read again (`UploadBytes`). Bounded: what was used longest ago goes first.
 */
import type { UploadHash } from './upload-hash.ts'

const MOST = 1024

export class RunningDigests {
  readonly #hashes = new Map<string, { readonly version: number; readonly hash: UploadHash }>()

  /** The hash of exactly the bytes that version `version` of the upload has, or `undefined`. It is the caller's then. */
  take(id: string, version: number): UploadHash | undefined {
    const held = this.#hashes.get(id)
    this.#hashes.delete(id)
    return held?.version === version ? held.hash : undefined
  }

  keep(id: string, version: number, hash: UploadHash): void {
    this.#hashes.set(id, { version, hash })
    if (this.#hashes.size <= MOST) return
    for (const oldest of this.#hashes.keys()) {
      this.#hashes.delete(oldest)
      return
    }
  }
}
