/** What the secret of an upstream's credentials says; kept for a minute, or until it was refused. */
import type { Clock } from '@sluice/core/ports/clock'
import type { Secrets } from '@sluice/core/ports/secrets'
import { UpstreamError } from '@sluice/core/ports/upstream'
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'

export interface UpstreamSecretOptions {
  readonly upstream: string
  readonly settings: UpstreamSettings
  readonly secrets: Secrets
  readonly clock: Clock
}

const KEPT_MS = 60_000

export class UpstreamSecret {
  readonly #options: UpstreamSecretOptions
  #kept: { readonly text: string; readonly readAt: number } | undefined

  constructor(options: UpstreamSecretOptions) {
    this.#options = options
  }

  /** For a header. Throws `UpstreamError` for a secret that is not there or is none. */
  async read(): Promise<string> {
    const text = await this.readText()
    // oxlint-disable-next-line no-control-regex
    if (/[\0-\x1f\x7f]/.test(text)) throw this.#refuse('holds what no header can')
    return text
  }

  /** The same, whatever it holds. */
  async readText(): Promise<string> {
    const { settings, secrets, clock } = this.#options
    const now = clock.now()
    if (this.#kept && now - this.#kept.readAt < KEPT_MS) return this.#kept.text
    const name = settings.credentials?.secretName
    const text = name === undefined ? undefined : (await secrets.read(name))?.trimEnd()
    if (text === undefined || text === '') throw this.#refuse('is not there')
    this.#kept = { text, readAt: now }
    return text
  }

  async login(): Promise<{ readonly user: string; readonly password: string }> {
    const text = await this.read()
    const colon = text.indexOf(':')
    if (colon < 0) throw this.#refuse('is no <user>:<password>')
    return { user: text.slice(0, colon), password: text.slice(colon + 1) }
  }

  forget(): void {
    this.#kept = undefined
  }

  #refuse(what: string): UpstreamError {
    const message = `cannot be logged in to: its secret ${what}`
    return new UpstreamError(this.#options.upstream, 'forbidden', message)
  }
}
