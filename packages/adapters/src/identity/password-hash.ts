/** Slow hashes of passwords, each with the salt and the cost that made it. */
import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'
import { promisify } from 'node:util'

export interface PasswordHash {
  readonly hash: Uint8Array
  readonly salt: Uint8Array
  /** scrypt's N, r and p. */
  readonly cost: number
  readonly blockSize: number
  readonly parallelization: number
}

/** About 32 MiB and a tenth of a second for each guess. */
const PARAMETERS = { cost: 2 ** 15, blockSize: 8, parallelization: 1 }
const HASH_BYTES = 32
const SALT_BYTES = 16

const derive: (
  password: string,
  salt: Uint8Array,
  bytes: number,
  options: ScryptOptions,
) => Promise<Buffer> = promisify(scrypt)

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive(password, salt, HASH_BYTES, scryptOptions(PARAMETERS))
  return { hash, salt, ...PARAMETERS }
}

export async function checkPassword(password: string, known: PasswordHash): Promise<boolean> {
  const hash = await derive(password, known.salt, known.hash.byteLength, scryptOptions(known))
  return timingSafeEqual(hash, known.hash)
}

function scryptOptions(known: Omit<PasswordHash, 'hash' | 'salt'>): ScryptOptions {
  const { cost, blockSize, parallelization } = known
  // scrypt itself needs 128 * N * r bytes and a little more, which is just above Node's limit.
  return { cost, blockSize, parallelization, maxmem: 2 * 128 * cost * blockSize }
}
