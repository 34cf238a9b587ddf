/** What the checker needs to know of a manifest's body, which it does not keep. */
import { algorithmOf, digestOf, type Digest } from '../../digest.ts'
import { RegistryError } from '../../errors.ts'
import { parseManifest } from '../../manifest.ts'
import type { Item } from '../../ports/table.ts'
import { referrerItem, type ManifestRecord } from '../../records/manifest-record.ts'
import type { BodyFacts } from './gathered.ts'
import { referrerFingerprint } from './fingerprint.ts'

/** `hash`: also where the size gives no reason to. */
export function bodyFacts(
  digest: Digest,
  { mediaType, size, subject }: ManifestRecord,
  body: Uint8Array,
  hash: boolean,
): BodyFacts {
  const row = subject && referrerOf(body, mediaType)
  const suspect = hash || body.byteLength !== size
  return {
    size: body.byteLength,
    sound: suspect ? digestOf(algorithmOf(digest), body) === digest : undefined,
    referrer: row && referrerFingerprint(row),
  }
}

/** The referrer row that a manifest should have; `undefined` for a body that is no manifest (any more). */
export function referrerOf(body: Uint8Array, mediaType: string): Item | undefined {
  try {
    return referrerItem(parseManifest(body, mediaType), body.byteLength)
  } catch (error) {
    // Damaged, which a deep check tells, or pushed when less was refused.
    if (error instanceof RegistryError) return undefined
    throw error
  }
}
