import type { SharedTokens } from '@sluice/core/ports/shared-tokens'

type Kept = Awaited<ReturnType<Parameters<SharedTokens['take']>[1]>>

/** Shared by whoever holds it; tokens within a minute of their end are fetched anew. */
export class MemoryTokens implements SharedTokens {
  readonly kept = new Map<string, Kept>()
  readonly #fetching = new Map<string, Promise<Kept>>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  async take(key: string, fetch: () => Promise<Kept>): Promise<string> {
    const kept = this.kept.get(key)
    if (kept && kept.expiresAt - this.#now() > 60_000) return kept.token
    const fetching = this.#fetching.get(key) ?? fetch()
    this.#fetching.set(key, fetching)
    try {
      const fetched = await fetching
      this.kept.set(key, fetched)
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
