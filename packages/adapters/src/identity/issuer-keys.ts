/**
 * The public keys of one issuer, as it publishes them. They are kept; asked for again when a token names a key that is not
 * among them, though not more often than every ten seconds, whoever floods us with names; and every ten minutes, so that a
 * key that was taken back ends. While the issuer does not answer, the keys that are known go on.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTHeaderParameters } from 'jose'
import type { Clock } from '@sluice/core/ports/clock'
import { fetchJson } from './fetch-json.ts'
import type { Issuer } from './issuer.ts'

export const BETWEEN_ASKS_MS = 10_000
export const KEPT_FOR_MS = 600_000

type KeyOf = ReturnType<typeof createLocalJWKSet>

/** The issuer's keys cannot be had, or what it answers is none. The message is for the log. */
export class IssuerUnreachableError extends Error {
  override readonly name = 'IssuerUnreachableError'
}

export class IssuerKeys {
  readonly #issuer: Issuer
  readonly #clock: Clock
  #keys: KeyOf | undefined
  #fetchedAt = -Infinity
  #askedAt = -Infinity
  #asking: Promise<void> | undefined
  #problem: IssuerUnreachableError | undefined

  constructor(issuer: Issuer, clock: Clock) {
    this.#issuer = issuer
    this.#clock = clock
  }

  /** Throws `IssuerUnreachableError`, or jose's own error where no key fits. */
  async key(header: JWTHeaderParameters): Promise<Awaited<ReturnType<KeyOf>>> {
    if (this.#clock.now() - this.#fetchedAt >= KEPT_FOR_MS) await this.#ask()
    if (!this.#keys) throw this.#problem ?? new IssuerUnreachableError('not asked yet')
    try {
      return await this.#keys(header)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !(await this.#ask())) throw error
      return this.#keys(header)
    }
  }

  /** False when it was asked a moment ago. Those who come together ask once. */
  async #ask(): Promise<boolean> {
    if (this.#asking) {
      await this.#asking
      return true
    }
    const now = this.#clock.now()
    if (now - this.#askedAt < BETWEEN_ASKS_MS) return false
    this.#askedAt = now
    this.#asking = this.#fetch(now)
    try {
      await this.#asking
    } finally {
      this.#asking = undefined
    }
    return true
  }

  async #fetch(now: number): Promise<void> {
    try {
      const set = await fetchJson(await this.#where(), this.#issuer.certificateAuthority)
      this.#keys = createLocalJWKSet(set as JSONWebKeySet)
      this.#fetchedAt = now
      this.#problem = undefined
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      const text = `the keys of ${this.#issuer.url} cannot be had: ${why}`
      this.#problem = new IssuerUnreachableError(text, { cause })
    }
  }

  async #where(): Promise<string> {
    const { url, jwksUrl, discoveryUrl, certificateAuthority } = this.#issuer
    if (jwksUrl !== undefined) return jwksUrl
    const from = discoveryUrl ?? `${url.replace(/\/$/, '')}/.well-known/openid-configuration`
    const found = await fetchJson(from, certificateAuthority)
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
