/** Content digests: `<algorithm>:<hex>`, spec "Digests". */
import { createHash, type Hash } from 'node:crypto'
import { RegistryError } from './errors.ts'

export type Algorithm = 'sha256' | 'sha512'
export type Digest = string & { readonly __digest: true }

const HEX_LENGTH: Record<Algorithm, number> = { sha256: 64, sha512: 128 }
const HEX = /^[a-f0-9]+$/

export function parseAlgorithm(text: string): Algorithm {
  if (text === 'sha256' || text === 'sha512') return text
  throw new RegistryError(
    'DIGEST_INVALID',
    'the digest algorithm is unsupported: use sha256 or sha512',
  )
}

export function parseDigest(text: string): Digest {
  const colon = text.indexOf(':')
  if (colon < 0)
    throw new RegistryError('DIGEST_INVALID', 'a digest looks like sha256:<64 hex digits>')
  const algorithm = parseAlgorithm(text.slice(0, colon))
  const hex = text.slice(colon + 1)
  if (hex.length !== HEX_LENGTH[algorithm] || !HEX.test(hex)) {
    throw new RegistryError(
      'DIGEST_INVALID',
      `a ${algorithm} digest has ${HEX_LENGTH[algorithm]} lower-case hex digits`,
    )
  }
  return text as Digest
}

export const algorithmOf = (digest: Digest): Algorithm =>
  digest.startsWith('sha256:') ? 'sha256' : 'sha512'

export const startHash = (algorithm: Algorithm): Hash => createHash(algorithm)

/** The digest of what the hash has seen so far; the hash can go on. */
export const digestSoFar = (algorithm: Algorithm, hash: Hash): Digest =>
  `${algorithm}:${hash.copy().digest('hex')}` as Digest

export const digestOf = (algorithm: Algorithm, bytes: Uint8Array): Digest =>
  digestSoFar(algorithm, startHash(algorithm).update(bytes))
