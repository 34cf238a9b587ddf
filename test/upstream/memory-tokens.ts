import type { SharedTokens } from '@sluice/core/ports/shared-tokens'

type Fetched = Awaited<ReturnType<Parameters<SharedTokens['take']>[1]>>

/** For one process; shared by whoever holds it. */
export class MemoryTokens implements SharedTokens {
  readonly kept = new Map<string, Fetched & { readonly fetchedAt: number }>()
  readonly #fetching = new Map<string, Promise<Fetched>>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  async take(key: string, fetch: () => Promise<Fetched>): Promise<string> {
    const kept = this.kept.get(key)
    if (kept) {
      const margin = Math.min(60_000, (kept.expiresAt - kept.fetchedAt) / 2)
      if (this.#now() < kept.expiresAt - margin) return kept.token
    }
    const fetching = this.#fetching.get(key) ?? fetch()
    this.#fetching.set(key, fetching)
    try {
      const fetched = await fetching
      this.kept.set(key, { ...fetched, fetchedAt: this.#now() })
      return fetched.token
    } finally {
      this.#fetching.delete(key)
    }
  }

  forget(key: string, token: string): Promise<void> {
    if (this.kept.get(key)?.token === token) this.kept.delete(key)
    return Promise.resolve()
  }
}
