/** What follows `manifests/`: a tag or a digest. */
import { parseDigest, type Digest } from './digest.ts'
import { RegistryError } from './errors.ts'

export type Tag = string & { readonly __tag: true }
export type Reference = { readonly tag: Tag } | { readonly digest: Digest }

const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

export function parseTag(text: string): Tag {
  if (TAG.test(text)) return text as Tag
  throw new RegistryError(
    'TAG_INVALID',
    'a tag has 1 to 128 letters, digits, underscores, dots and dashes, and begins with neither dot nor dash',
  )
}

export function parseReference(text: string): Reference {
  return text.includes(':') ? { digest: parseDigest(text) } : { tag: parseTag(text) }
}
