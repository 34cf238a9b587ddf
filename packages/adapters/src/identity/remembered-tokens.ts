/**
 * Tokens whose signature was checked once, by their whole text, so that a token in use costs one look-up. They are found by
 * their end, which is of the signature and so like no other's: to hash a whole token costs many times what it is to compare it.
 */

export const MAX_REMEMBERED_TOKENS = 10_000
/** Tokens may be long: their number alone would not bound the memory. */
export const MAX_REMEMBERED_CHARACTERS = 16 * 1024 * 1024

const END_CHARACTERS = 24

interface Remembered<Content> {
  readonly token: string
  readonly content: Content
  readonly until: number
}

const endOf = (token: string): string => token.slice(-END_CHARACTERS)

/** `Content`: what the token says. */
export class RememberedTokens<Content> {
  readonly #tokens = new Map<string, Remembered<Content>>()
  #characters = 0

  get(token: string, now: number): Content | undefined {
    const end = endOf(token)
    const known = this.#tokens.get(end)
    if (known === undefined || known.token !== token) return undefined
    if (now < known.until) return known.content
    this.#forget(end)
    return undefined
  }

  /** `until`: milliseconds since the epoch, from when on the token is not honoured. */
  add(token: string, content: Content, until: number): void {
    const end = endOf(token)
    if (this.#tokens.get(end)?.token === token) return
    // Another one's that ends like it has to be verified again.
    this.#forget(end)
    this.#tokens.set(end, { token, content, until })
    this.#characters += token.length
    // The first one in is about the first to expire; one that is forgotten early is only verified again.
    for (const oldest of this.#tokens.keys()) {
      const fits = this.#characters <= MAX_REMEMBERED_CHARACTERS
      if (fits && this.#tokens.size <= MAX_REMEMBERED_TOKENS) return
      this.#forget(oldest)
    }
  }

  #forget(end: string): void {
    this.#characters -= this.#tokens.get(end)?.token.length ?? 0
    this.#tokens.delete(end)
  }
}
