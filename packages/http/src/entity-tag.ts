/** Entity tags: content is what its digest says, so the digest is the tag (RFC 9110 section 8.8.3, 13.1.2). */

export const entityTag = (digest: string): string => `"${digest}"`

export function matches(header: string | undefined, digest: string): boolean {
  if (header === undefined) return false
  const tag = entityTag(digest)
  return header.split(',').some((part) => {
    const candidate = part.trim()
    return candidate === '*' || candidate === tag || candidate === `W/${tag}`
  })
}
