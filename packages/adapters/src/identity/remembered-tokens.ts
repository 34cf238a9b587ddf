/** Tokens whose signature was checked once, by their whole text, so that a token in use costs one look-up. */

export const MAX_REMEMBERED_TOKENS = 10_000
/** Tokens may be long: their number alone would not bound the memory. */
export const MAX_REMEMBERED_CHARACTERS = 16 * 1024 * 1024

/** `Content`: what the token says. */
export class RememberedTokens<Content> {
  readonly #tokens = new Map<string, { readonly content: Content; readonly until: number }>()
  #characters = 0

  get(token: string, now: number): Content | undefined {
    const known = this.#tokens.get(token)
    if (known === undefined) return undefined
    if (now < known.until) return known.content
    this.#forget(token)
    return undefined
  }

  /** `until`: milliseconds since the epoch, from when on the token is not honoured. */
  add(token: string, content: Content, until: number): void {
    if (this.#tokens.has(token)) return
    this.#tokens.set(token, { content, until })
    this.#characters += token.length
    // The first one in is about the first to expire; one that is forgotten early is only verified again.
    for (const oldest of this.#tokens.keys()) {
      const fits = this.#characters <= MAX_REMEMBERED_CHARACTERS
      if (fits && this.#tokens.size <= MAX_REMEMBERED_TOKENS) return
      this.#forget(oldest)
    }
  }

  #forget(token: string): void {
    if (this.#tokens.delete(token)) this.#characters -= token.length
  }
}
