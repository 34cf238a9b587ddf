/** Longer than any token of an identity provider; what is longer is not parsed. */
export const MAX_TOKEN_CHARACTERS = 16 * 1024

/** The issuer that a JSON web token names, which proves nothing; `undefined` for what is no such token. */
export function unverifiedIssuer(token: string): string | undefined {
  if (token.length > MAX_TOKEN_CHARACTERS || !/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token))
    return undefined
  try {
    const payload = token.slice(token.indexOf('.') + 1, token.lastIndexOf('.'))
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    if (typeof claims !== 'object' || claims === null) return undefined
    return 'iss' in claims && typeof claims.iss === 'string' ? claims.iss : ''
  } catch {
    return undefined
  }
}
