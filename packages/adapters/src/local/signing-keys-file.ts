/**
 * The token keys of a registry on one machine: a file of mode 0600 that holds a JWK set of private ES256 keys,
 * `{"keys":[...]}`. The first signs, all verify: put a new key in front and drop the old one after an hour.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
  type JWK,
} from 'jose'
import type { SigningKeys } from '../identity/signing-keys.ts'

const ALGORITHM = 'ES256'

/** The message names the file and what is wrong with it, in one line; never a part of a key. */
export class SigningKeysError extends Error {
  override readonly name = 'SigningKeysError'

  constructor(file: string, problem: string, cause?: unknown) {
    super(`signing keys file ${file}: ${problem}`, { cause })
  }
}

/** Reads the keys, or makes the file with one new key where there is none. */
export async function openSigningKeysFile(file: string): Promise<SigningKeys> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (!isNotFound(error)) throw new SigningKeysError(file, 'cannot be read', error)
    text = await createKeys()
    await writeDurably(file, text)
  }
  return parseKeys(file, text)
}

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

async function createKeys(): Promise<string> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true })
  const jwk = await exportJWK(privateKey)
  const kid = await calculateJwkThumbprint(jwk)
  return (
    JSON.stringify({ keys: [{ ...jwk, kid, alg: ALGORITHM, use: 'sig' }] }, undefined, 2) + '\n'
  )
}

async function parseKeys(file: string, text: string): Promise<SigningKeys> {
  let set: unknown
  try {
    set = JSON.parse(text)
  } catch {
    // The parser's own error quotes the text, which is secret.
    throw new SigningKeysError(file, 'is not JSON')
  }
  const jwks = keysOf(set)
  if (jwks.length === 0) throw new SigningKeysError(file, 'holds no {"keys":[...]}')
  const publicKeys = new Map<string, CryptoKey>()
  let current: SigningKeys['current'] | undefined
  for (const [index, jwk] of jwks.entries()) {
    const problem = (text: string, cause?: unknown) =>
      new SigningKeysError(file, `key ${index + 1} ${text}`, cause)
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
  if (current === undefined) throw new SigningKeysError(file, 'holds no key')
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

/** Whole or not at all, whenever the power goes; and never readable by others, not even for a moment. */
async function writeDurably(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`
  try {
    await mkdir(dirname(file), { recursive: true })
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
    const directory = await open(dirname(file))
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  } catch (error) {
    await rm(temporary, { force: true })
    throw new SigningKeysError(file, 'cannot be written', error)
  }
}
