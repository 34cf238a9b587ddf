/** Bearer tokens of upstreams, kept for every process of the registry: a token service counts who asks (Docker Hub). */
export interface SharedTokens {
  /**
   * The token kept under `key`, or the one that `fetch` gets: of all processes that ask at once, one fetches. Tokens within a
   * minute of their end, or in the last quarter of a life of less than four, are fetched anew. What `fetch` throws is
   * thrown to each who waited for it. `expiresAt`: milliseconds since the epoch.
   */
  take(
    key: string,
    fetch: () => Promise<{ readonly token: string; readonly expiresAt: number }>,
  ): Promise<string>

  /** The upstream refused it. */
  forget(key: string, token: string): Promise<void>
}
