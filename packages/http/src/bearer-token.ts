const BEARER = /^bearer +([^ ]+) *$/i

/** As everybody writes it, and as it is found without a look at each character. */
const USUAL = 'Bearer '

/** The token of an Authorization header with the Bearer scheme (RFC 6750 section 2.1). */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const isUsual = header.startsWith(USUAL) && header.length > USUAL.length
  if (isUsual && !header.includes(' ', USUAL.length)) return header.slice(USUAL.length)
  return BEARER.exec(header)?.[1]
}
