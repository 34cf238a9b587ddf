/**
 * The text in which signing keys are kept, wherever that is: a JWK set of ES256 keys, `{"keys":[...]}`, with two more members
 * of a key, both seconds since the epoch. From `nbf` on it signs (one without, always): of several the one whose `nbf` is
 * latest, and of those the first. From `exp` on it is none. A key that has no private part (`d`) only verifies.
 */
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
  type JWK,
} from 'jose'
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { SigningKeysError } from './signing-keys-error.ts'
import type { SigningKeys } from './signing-keys.ts'

const ALGORITHM = 'ES256'

export interface StoredKey {
  readonly kid: string
  readonly publicKey: CryptoKey
  readonly privateKey: KeyObject | undefined
  /** Milliseconds since the epoch, both. */
  readonly signsFrom: number
  readonly endsAt: number
}

export type KeyMembers = Readonly<Record<string, unknown>>

/** A set of one new key. */
export const createKeySet = async (): Promise<string> => textOf([await newKey()])

/** Its name never begins with a dash: whoever drops it says the name on a command line. */
export async function newKey(): Promise<KeyMembers & { readonly kid: string }> {
  for (;;) {
    const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
    const jwk = await exportJWK(privateKey)
    const kid = await calculateJwkThumbprint(jwk)
    if (!kid.startsWith('-')) return { ...jwk, kid, alg: ALGORITHM, use: 'sig' }
  }
}

export const textOf = (keys: readonly KeyMembers[]): string =>
  `{"keys":[\n${keys.map((key) => JSON.stringify(key)).join(',\n')}\n]}\n`

/** Throws `SigningKeysError`; `place` is where the text was kept, for its message. */
export function membersOfSet(place: string, text: string): readonly KeyMembers[] {
  let set: unknown
  try {
    set = JSON.parse(text)
  } catch {
    // The parser's own error quotes the text, which is secret.
    throw new SigningKeysError(place, 'is not JSON')
  }
  const listed: unknown = isObject(set) ? set['keys'] : undefined
  if (!Array.isArray(listed) || listed.length === 0) {
    throw new SigningKeysError(place, 'holds no {"keys":[...]}')
  }
  return listed.map((key: unknown) => (isObject(key) ? key : {}))
}

/** Throws `SigningKeysError`. */
export async function parseKeySet(place: string, text: string): Promise<readonly StoredKey[]> {
  const keys: StoredKey[] = []
  for (const [index, members] of membersOfSet(place, text).entries()) {
    const problem = (text: string, cause?: unknown) =>
      new SigningKeysError(place, `key ${index + 1} ${text}`, cause)
    const { kid, kty, crv, x, y, d, nbf = 0, exp = Infinity } = members
    if (!isText(kid)) throw problem('has no "kid"')
    if (keys.some((key) => key.kid === kid)) throw problem('has the "kid" of a key before it')
    if (typeof nbf !== 'number' || typeof exp !== 'number')
      throw problem('has no time in "nbf" or "exp"')
    const retired = d === undefined && exp !== Infinity
    if (kty !== 'EC' || crv !== 'P-256' || !isText(x) || !isText(y) || !(isText(d) || retired)) {
      throw problem('is not a private EC key on P-256')
    }
    try {
      const publicKey = await importKey({ kty, crv, x, y })
      const privateKey = isText(d)
        ? createPrivateKey({ key: { kty, crv, x, y, d }, format: 'jwk' })
        : undefined
      keys.push({ kid, publicKey, privateKey, signsFrom: nbf * 1000, endsAt: exp * 1000 })
    } catch (error) {
      throw problem('is broken', error)
    }
  }
  return keys
}

/** `now`: when the set was read. Throws `SigningKeysError` where none of them signs. */
export function keysAt(place: string, stored: readonly StoredKey[], now: number): SigningKeys {
  const [signing] = stored
    .filter(({ privateKey, signsFrom, endsAt }) => privateKey && signsFrom <= now && now < endsAt)
    .toSorted((one, other) => other.signsFrom - one.signsFrom)
  if (!signing?.privateKey) throw new SigningKeysError(place, 'holds no key that signs now')
  const { kid, privateKey } = signing
  const valid = stored.filter(({ endsAt }) => now < endsAt)
  return {
    current: { kid, privateKey },
    publicKeys: new Map(valid.map(({ kid, publicKey }) => [kid, publicKey])),
  }
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, ALGORITHM)
  if (key instanceof Uint8Array) throw new TypeError('a symmetric key')
  return key
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
