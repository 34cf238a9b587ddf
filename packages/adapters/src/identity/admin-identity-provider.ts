/**
 * The one user of a registry that has no other: the bootstrap administrator.
 *
 * What is guarded. A guess costs a stranger one token of his address's bucket, and the registry one scrypt; the gate
 * holds the whole cost at two of them at a time, however many addresses guess.
 *
 * Why the owner is not locked out. There is no lock on the account, only on addresses, so a stranger elsewhere uses up
 * nothing of hers. A password that was right once is remembered and passes before limiter and gate, whatever goes on;
 * the server presents the password it was started with for that purpose. Requests that arrive together with the same
 * credentials are one attempt, so that a build farm after a restart is not taken for a guesser. An address that did
 * use up its bucket gets an attempt every second.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@sluice/core/ports/clock'
import type {
  Credentials,
  Identity,
  IdentityProvider,
  Refusal,
} from '@sluice/core/ports/identity-provider'
import { LoginGate } from './login-gate.ts'
import { LoginLimiter } from './login-limiter.ts'
import { checkPassword, type PasswordHash } from './password-hash.ts'

/** The name to log in with. */
export const ADMIN_USER = 'kubeadmin'

/** Nobody's password is longer; a longer one is not worth a hash. */
export const MAX_PASSWORD_CHARACTERS = 1024

const ADMIN: Identity = {
  // Not the name of the login, as in OpenShift: no identity provider can give it to a user.
  user: 'kube:admin',
  groups: ['system:cluster-admins', 'system:authenticated'],
}

const WRONG: Refusal = { refused: true, reason: 'wrong user name or password' }
const BUSY: Refusal = {
  refused: true,
  reason: 'too many logins are being checked just now',
  retryAfter: 1,
}

export class AdminIdentityProvider implements IdentityProvider {
  readonly #hash: PasswordHash
  readonly #limiter: LoginLimiter
  readonly #gate = new LoginGate()
  /** Of this process only: what is remembered is worth nothing to whoever reads it elsewhere. */
  readonly #secret = randomBytes(32)
  readonly #attempts = new Map<string, Promise<Identity | Refusal>>()
  #accepted: Buffer | undefined

  constructor(hash: PasswordHash, clock: Clock) {
    this.#hash = hash
    this.#limiter = new LoginLimiter(clock)
  }

  async identify(credentials: Credentials): Promise<Identity | Refusal> {
    const { username, password } = credentials
    if (password.length > MAX_PASSWORD_CHARACTERS) return WRONG
    const isAdmin = username === ADMIN_USER
    const mark = createHmac('sha256', this.#secret)
      .update(isAdmin ? 'admin:' : 'nobody:')
      .update(password)
      .digest()
    if (this.#accepted !== undefined && timingSafeEqual(mark, this.#accepted)) return ADMIN
    const name = mark.toString('base64')
    const together = this.#attempts.get(name)
    if (together !== undefined) return together
    const attempt = this.#attempt(credentials, mark)
    this.#attempts.set(name, attempt)
    try {
      return await attempt
    } finally {
      this.#attempts.delete(name)
    }
  }

  async #attempt(credentials: Credentials, mark: Buffer): Promise<Identity | Refusal> {
    const retryAfter = this.#limiter.take(credentials.from)
    if (retryAfter !== undefined) {
      return { refused: true, reason: 'too many failed logins from this address', retryAfter }
    }
    // Hashed for an unknown user as well, so that the time taken does not tell whether there is one.
    const matches = await this.#gate.run(() => checkPassword(credentials.password, this.#hash))
    if (matches === undefined) {
      this.#limiter.giveBack(credentials.from)
      return BUSY
    }
    if (!matches || credentials.username !== ADMIN_USER) return WRONG
    this.#limiter.giveBack(credentials.from)
    this.#accepted = mark
    return ADMIN
  }
}
