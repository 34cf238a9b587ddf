/** The message names the place and what is wrong with it, in one line; never a part of a key. */
export class SigningKeysError extends Error {
  override readonly name = 'SigningKeysError'

  /** `place`: `file /...` or `parameter /...`. */
  constructor(place: string, problem: string, cause?: unknown) {
    super(`signing keys ${place}: ${problem}`, { cause })
  }
}
