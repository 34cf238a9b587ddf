/**
 * A manifest's bytes as text, which Node sends in one write with the head where bytes take two: a third of the cost of
 * the whole request. No byte changes by it: a manifest is UTF-8 without byte order mark (`core/src/manifest.ts`). The
 * text is kept for as long as the table's cache keeps the bytes.
 */
const texts = new WeakMap<Uint8Array, string>()

export function manifestText(bytes: Uint8Array): string {
  const known = texts.get(bytes)
  if (known !== undefined) return known
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  texts.set(bytes, text)
  return text
}
