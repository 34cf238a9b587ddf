/** Credentials of an Authorization header with the Basic scheme (RFC 7617). */

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i
/** A JSON web token of an identity provider is a few kilobytes. */
const MAX_HEADER = 16 * 1024

export function parseBasic(
  header: string,
): { readonly username: string; readonly password: string } | undefined {
  const encoded = header.length <= MAX_HEADER ? BASIC.exec(header)?.[1] : undefined
  if (encoded === undefined) return undefined
  const decoded = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  if (colon < 0) return undefined
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}
