/**
 * Hashes that can be written down, for uploads whose chunks reach several processes of a store that cannot read an
 * upload back (S3 multipart). Slower than node:crypto's, which cannot.
 */
import type { Algorithm, Digest } from '../digest.ts'

export interface PortableHash {
  update(bytes: Uint8Array): void
  /** Of what it has seen so far; it can go on. */
  digest(): Digest
  /** Some hundred bytes, from which any process goes on. */
  save(): Uint8Array
}

export interface PortableHashes {
  start(algorithm: Algorithm): Promise<PortableHash>
  /** `undefined` for what another version of the technology has saved. */
  resume(algorithm: Algorithm, saved: Uint8Array): Promise<PortableHash | undefined>
}
