/**
 * The public keys of one issuer, as it publishes them. They are asked for again when a token names a key that is not among
 * them, though not more often than every ten seconds, whoever floods us with names; and every ten minutes, so that a key
 * that was taken back ends. What one thread or environment was answered, all have (`issuer-key-records.ts`). While the
 * issuer does not answer, or hangs, the keys that are known go on: only a token whose key nobody knows waits for it.
 */
import {
  createLocalJWKSet,
  errors,
  type CryptoKey,
  type JSONWebKeySet,
  type JWTHeaderParameters,
} from 'jose'
import type { Clock } from '@sluice/core/ports/clock'
import { setTimeout as sleep } from 'node:timers/promises'
import { fetchJson } from './fetch-json.ts'
import type { FetchedKeys, IssuerKeyRecords } from './issuer-key-records.ts'
import type { Issuer } from './issuer.ts'

export const BETWEEN_ASKS_MS = 10_000
export const KEPT_FOR_MS = 600_000

/** For all that one question takes. */
const WITHIN_MS = 5000

/** Between two looks at what others were answered. */
const BETWEEN_READS_MS = 1000

/** How long the login that finds known keys too old waits for new ones; those beside it do not. */
const PATIENCE_MS = 250

/** The issuer's keys cannot be had, or what it answers is none. The message is for the log. */
export class IssuerUnreachableError extends Error {
  override readonly name = 'IssuerUnreachableError'
}

/** Hears why an issuer's keys cannot be had, and that they could be. */
export type IssuerTold = (
  issuer: string,
  failure: { readonly problem: string } | undefined,
) => Promise<void>

export class IssuerKeys {
  readonly #issuer: Issuer
  readonly #clock: Clock
  readonly #records: IssuerKeyRecords
  readonly #told: IssuerTold | undefined
  #keyOf: ReturnType<typeof createLocalJWKSet> | undefined
  #fetchedAt = -Infinity
  #readAt = -Infinity
  #reading: Promise<void> | undefined
  #askAgainAt = -Infinity
  #asking: Promise<void> | undefined
  #problem: IssuerUnreachableError | undefined

  constructor(issuer: Issuer, clock: Clock, records: IssuerKeyRecords, told?: IssuerTold) {
    this.#issuer = issuer
    this.#clock = clock
    this.#records = records
    this.#told = told
  }

  /** Throws `IssuerUnreachableError`, or jose's own error where no key fits. */
  async key(header: JWTHeaderParameters): Promise<CryptoKey> {
    if (this.#isOld()) await this.#readOnce()
    const known = (await this.#find(header)) ?? (await this.#findInRecords(header))
    if (!known) await (this.#asking ?? this.#ask())
    else if (!this.#isOld()) return known
    else await patiently(this.#ask())
    const found = await this.#find(header)
    if (found) return found
    // While the issuer cannot be asked, a key that nobody knows may be a new one of its own.
    throw this.#problem ?? new errors.JWKSNoMatchingKey()
  }

  async #find(header: JWTHeaderParameters): Promise<CryptoKey | undefined> {
    try {
      return await this.#keyOf?.(header)
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return undefined
      throw error
    }
  }

  async #findInRecords(header: JWTHeaderParameters): Promise<CryptoKey | undefined> {
    await this.#readOnce()
    return this.#find(header)
  }

  #isOld(): boolean {
    return this.#clock.now() - this.#fetchedAt >= KEPT_FOR_MS
  }

  async #readOnce(): Promise<void> {
    const now = this.#clock.now()
    if (now - this.#readAt >= BETWEEN_READS_MS) {
      this.#readAt = now
      this.#reading = this.#read(now)
    }
    await this.#reading
  }

  async #read(now: number): Promise<void> {
    const read = await this.#records.read(this.#issuer.url)
    // Whose clock is ahead must not keep a key alive.
    if (read && read.fetchedAt > this.#fetchedAt)
      this.#take(read.keys, Math.min(read.fetchedAt, now))
  }

  #take(keys: JSONWebKeySet, fetchedAt: number): void {
    this.#keyOf = createLocalJWKSet(keys)
    this.#fetchedAt = fetchedAt
    this.#problem = undefined
  }

  /** Nothing when one has just been answered or failed; those who come together ask once. */
  #ask(): Promise<void> | undefined {
    const now = this.#clock.now()
    if (this.#asking || now < Math.max(this.#askAgainAt, this.#fetchedAt + BETWEEN_ASKS_MS)) return
    this.#asking = this.#fetch(now).finally(() => {
      this.#asking = undefined
      this.#askAgainAt = this.#clock.now() + BETWEEN_ASKS_MS
    })
    return this.#asking
  }

  async #fetch(now: number): Promise<void> {
    try {
      const signal = AbortSignal.timeout(WITHIN_MS)
      const { certificateAuthority } = this.#issuer
      const where = await this.#where(signal)
      const keys = (await fetchJson(where, signal, certificateAuthority)) as JSONWebKeySet
      const fetched: FetchedKeys = { keys, fetchedAt: now }
      this.#take(keys, now)
      await this.#records.write(this.#issuer.url, fetched)
      await this.#told?.(this.#issuer.url, undefined)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      const text = `the keys of ${this.#issuer.url} cannot be had: ${why}`
      this.#problem = new IssuerUnreachableError(text, { cause })
      await this.#told?.(this.#issuer.url, { problem: text })
    }
  }

  async #where(signal: AbortSignal): Promise<string> {
    const { url, jwksUrl, discoveryUrl, certificateAuthority } = this.#issuer
    if (jwksUrl !== undefined) return jwksUrl
    const from = discoveryUrl ?? `${url.replace(/\/$/, '')}/.well-known/openid-configuration`
    const found = await fetchJson(from, signal, certificateAuthority)
    const { issuer, jwks_uri: keys } = found as {
      readonly issuer?: unknown
      readonly jwks_uri?: unknown
    }
    if (issuer !== url) throw new Error(`${from} speaks of another issuer`)
    if (typeof keys !== 'string' || new URL(keys).protocol !== new URL(from).protocol) {
      throw new Error(`${from} names no jwks_uri of its own kind`)
    }
    return keys
  }
}

/** In the cloud nothing goes on behind an answer: without a moment of patience keys would never be read again there. */
async function patiently(work: Promise<void> | undefined): Promise<void> {
  if (!work) return
  const enough = new AbortController()
  const patience = sleep(PATIENCE_MS, undefined, { signal: enough.signal }).catch(() => undefined)
  await Promise.race([work, patience])
  enough.abort()
}
