/**
 * Where the administrator's password hash is kept:
 *
 *     pk       sk               attributes
 *     cluster  admin#kubeadmin  algorithm 'scrypt', cost, blockSize, parallelization (numbers), salt, hash (bytes),
 *                               createdAt (milliseconds since the epoch)
 */
import type { Clock } from '@sluice/core/ports/clock'
import type { Item, Key, Table } from '@sluice/core/ports/table'
import { ADMIN_USER } from './admin-identity-provider.ts'
import { generatePassword } from './generate-password.ts'
import { hashPassword, type PasswordHash } from './password-hash.ts'

const ADMIN_KEY: Key = { pk: 'cluster', sk: `admin#${ADMIN_USER}` }

/** `password`: only from the call that made the record, and nowhere else afterwards. */
export interface AdminRecord {
  readonly hash: PasswordHash
  readonly password?: string
}

/**
 * Reads the record or makes it; `choosePassword` is asked for the password of a new one. Of two calls at once one
 * makes it.
 */
export async function ensureAdminRecord(
  table: Table,
  clock: Clock,
  choosePassword: () => string | Promise<string> = generatePassword,
): Promise<AdminRecord> {
  const present = await table.get(ADMIN_KEY)
  if (present !== undefined) return { hash: parseRecord(present) }
  const password = await choosePassword()
  const hash = await hashPassword(password)
  const item = { algorithm: 'scrypt', ...hash, createdAt: clock.now() }
  const outcome = await table.transact([{ put: ADMIN_KEY, item, when: 'absent' }])
  if (outcome.ok) return { hash, password }
  const winner = await table.get(ADMIN_KEY)
  if (winner === undefined) throw new Error('the administrator record vanished while it was made')
  return { hash: parseRecord(winner) }
}

function parseRecord(item: Item): PasswordHash {
  const { algorithm, hash, salt, cost, blockSize, parallelization } = item
  if (
    algorithm === 'scrypt' &&
    hash instanceof Uint8Array &&
    salt instanceof Uint8Array &&
    typeof cost === 'number' &&
    typeof blockSize === 'number' &&
    typeof parallelization === 'number'
  ) {
    return { hash, salt, cost, blockSize, parallelization }
  }
  throw new Error(`the record ${ADMIN_KEY.pk} ${ADMIN_KEY.sk} is not a password hash`)
}
