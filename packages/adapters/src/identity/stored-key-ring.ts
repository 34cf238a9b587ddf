/**
 * The keys of a registry as one process or thread has them: read when the first token needs them, and again while tokens
 * come, so that a key that was added or dropped is heard of without a restart. While they cannot be read again, those that
 * are known go on.
 */
import type { Clock } from '@sluice/core/ports/clock'
import { createKeySet, keysAt, parseKeySet, type StoredKey } from './signing-key-set.ts'
import type { SigningKeyStore } from './signing-key-store.ts'
import { SigningKeysError } from './signing-keys-error.ts'
import type { KeyRing, SigningKeys } from './signing-keys.ts'

/** However many tokens name a key that nobody has, and while the store fails. */
const BETWEEN_READS_MS = 10_000

export class StoredKeyRing implements KeyRing {
  readonly #store: SigningKeyStore
  readonly #clock: Clock
  readonly #onProblem: (problem: string) => void
  #text: string | undefined
  #stored: readonly StoredKey[] = []
  #keys: SigningKeys | undefined
  #readAt = -Infinity
  #readAgainAt = -Infinity
  #reading: Promise<SigningKeys> | undefined

  /** `onProblem` is told why keys that are in use could not be read again. */
  constructor(store: SigningKeyStore, clock: Clock, onProblem: (problem: string) => void) {
    this.#store = store
    this.#clock = clock
    this.#onProblem = onProblem
  }

  keys(wanted?: string): SigningKeys | Promise<SigningKeys> {
    const keys = this.#keys
    if (!keys) return this.#readOnce()
    const now = this.#clock.now()
    const missing = wanted !== undefined && !keys.publicKeys.has(wanted)
    const due = missing ? this.#readAt + BETWEEN_READS_MS : Infinity
    return now >= Math.min(due, this.#readAgainAt) ? this.#readOnce() : keys
  }

  /** Those who come together read once. */
  #readOnce(): Promise<SigningKeys> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #read(): Promise<SigningKeys> {
    const now = this.#clock.now()
    this.#readAt = now
    try {
      const { place } = this.#store
      const text = (await this.#store.read()) ?? (await this.#create(place))
      if (text !== this.#text) this.#stored = await parseKeySet(place, text)
      this.#text = text
      // A key signs from its time on only in whoever has read the set since: others have it then as well.
      this.#keys = keysAt(place, this.#stored, now)
      this.#readAgainAt = now + this.#store.keptForMs
      return this.#keys
    } catch (error) {
      if (!this.#keys) throw error
      // The next token waits for no store that has just failed.
      this.#readAgainAt = now + BETWEEN_READS_MS
      this.#onProblem(`the signing keys cannot be read again: ${String(error)}`)
      return this.#keys
    }
  }

  /** New keys for old would void every token that is about. */
  async #create(place: string): Promise<string> {
    if (this.#keys) throw new SigningKeysError(place, 'are gone')
    return this.#store.create(await createKeySet())
  }
}
