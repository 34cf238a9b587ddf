/**
 * The text in which signing keys are kept, wherever that is: a JWK set of private ES256 keys, `{"keys":[...]}`. The first
 * signs, all verify: put a new key in front and drop the old one after an hour.
 */
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
  type JWK,
} from 'jose'
import type { SigningKeys } from './signing-keys.ts'

const ALGORITHM = 'ES256'

/** The message names the place and what is wrong with it, in one line; never a part of a key. */
export class SigningKeysError extends Error {
  override readonly name = 'SigningKeysError'

  /** `place`: `file /...` or `parameter /...`. */
  constructor(place: string, problem: string, cause?: unknown) {
    super(`signing keys ${place}: ${problem}`, { cause })
  }
}

/** A set of one new key. */
export async function createKeySet(): Promise<string> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  const jwk = await exportJWK(privateKey)
  const kid = await calculateJwkThumbprint(jwk)
  return (
    JSON.stringify({ keys: [{ ...jwk, kid, alg: ALGORITHM, use: 'sig' }] }, undefined, 2) + '\n'
  )
}

/** Throws `SigningKeysError`; `place` is where the text was kept, for its message. */
export async function parseKeySet(place: string, text: string): Promise<SigningKeys> {
  let set: unknown
  try {
    set = JSON.parse(text)
  } catch {
    // The parser's own error quotes the text, which is secret.
    throw new SigningKeysError(place, 'is not JSON')
  }
  const jwks = keysOf(set)
  if (jwks.length === 0) throw new SigningKeysError(place, 'holds no {"keys":[...]}')
  const publicKeys = new Map<string, CryptoKey>()
  let current: SigningKeys['current'] | undefined
  for (const [index, jwk] of jwks.entries()) {
    const problem = (text: string, cause?: unknown) =>
      new SigningKeysError(place, `key ${index + 1} ${text}`, cause)
    const { kid } = jwk
    if (!isText(kid)) throw problem('has no "kid"')
    if (publicKeys.has(kid)) throw problem('has the "kid" of a key before it')
    const { kty, crv, x, y, d } = jwk
    if (kty !== 'EC' || crv !== 'P-256' || !isText(x) || !isText(y) || !isText(d)) {
      throw problem('is not a private EC key on P-256')
    }
    let pair: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey }
    try {
      pair = {
        privateKey: await importKey({ kty, crv, x, y, d }),
        publicKey: await importKey({ kty, crv, x, y }),
      }
    } catch (error) {
      throw problem('is broken', error)
    }
    publicKeys.set(kid, pair.publicKey)
    current ??= { kid, privateKey: pair.privateKey }
  }
  if (current === undefined) throw new SigningKeysError(place, 'holds no key')
  return { current, publicKeys }
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, ALGORITHM)
  if (key instanceof Uint8Array) throw new TypeError('a symmetric key')
  return key
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

function keysOf(set: unknown): readonly Record<string, unknown>[] {
  if (!isObject(set) || !Array.isArray(set['keys'])) return []
  return set['keys'].map((key: unknown) => (isObject(key) ? key : {}))
}
