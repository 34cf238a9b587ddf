import { sign, type KeyObject } from 'node:crypto'

const ALGORITHM = 'ES256'

/** A JSON web token of ours, made at once: the way through Web Cryptography's threads costs more than the signature itself. */
export function signToken(
  claims: object,
  { kid, privateKey }: { readonly kid: string; readonly privateKey: KeyObject },
): string {
  const input = `${encode({ alg: ALGORITHM, typ: 'JWT', kid })}.${encode(claims)}`
  // JWS wants the two numbers of a signature side by side (RFC 7518 section 3.4).
  const key = { key: privateKey, dsaEncoding: 'ieee-p1363' } as const
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}

const encode = (members: object): string =>
  Buffer.from(JSON.stringify(members)).toString('base64url')
