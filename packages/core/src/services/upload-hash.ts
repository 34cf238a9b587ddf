/** The hash of an upload's bytes as they come: node:crypto's, which is fast, or one that can be written down. */
import { digestSoFar, startHash, type Algorithm, type Digest } from '../digest.ts'
import type { PortableHash } from '../ports/portable-hashes.ts'

export interface UploadHash {
  readonly algorithm: Algorithm
  update(bytes: Uint8Array): void
  /** Of what it has seen so far; it can go on. */
  digest(): Digest
  /** What another process goes on with, if one can. */
  save(): Uint8Array | undefined
}

export function fastHash(algorithm: Algorithm): UploadHash {
  const hash = startHash(algorithm)
  return {
    algorithm,
    update: (bytes) => void hash.update(bytes),
    digest: () => digestSoFar(algorithm, hash),
    save: () => undefined,
  }
}

export const savedHash = (algorithm: Algorithm, hash: PortableHash): UploadHash => ({
  algorithm,
  update: (bytes) => hash.update(bytes),
  digest: () => hash.digest(),
  save: () => hash.save(),
})
