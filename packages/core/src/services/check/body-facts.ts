/** What the checker needs to know of a manifest's body, which it does not keep. */
import { algorithmOf, digestOf, type Digest } from '../../digest.ts'
import { RegistryError } from '../../errors.ts'
import { parseManifest } from '../../manifest.ts'
import { referrerItem, type ManifestRecord } from '../../records/manifest-record.ts'
import type { BodyFacts } from './gathered.ts'
import { fingerprint } from './fingerprint.ts'

/** `hash`: also where the size gives no reason to. */
export function bodyFacts(
  digest: Digest,
  { mediaType, size, subject }: ManifestRecord,
  body: Uint8Array,
  hash: boolean,
): BodyFacts {
  const suspect = hash || body.byteLength !== size
  return {
    size: body.byteLength,
    sound: suspect ? digestOf(algorithmOf(digest), body) === digest : undefined,
    referrer: subject && referrerOf(body, mediaType),
  }
}

function referrerOf(body: Uint8Array, mediaType: string): string | undefined {
  try {
    return fingerprint(referrerItem(parseManifest(body, mediaType), body.byteLength))
  } catch (error) {
    // What does not parse was not pushed so: its digest is wrong as well, which a deep check tells.
    if (error instanceof RegistryError) return undefined
    throw error
  }
}
