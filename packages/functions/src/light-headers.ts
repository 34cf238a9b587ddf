/** fetch's `Headers`, as far as an app between an event and a result meets them (`use-light-fetch.ts` says why). */

/** https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** What can stand in a value: bytes, none of which ends it. */
// oxlint-disable-next-line no-control-regex
const VALUE = /^[^\0\r\n\u0100-\uffff]*$/
const AROUND = /^[\t ]+|[\t ]+$/g

type Init = Iterable<readonly [string, string]> | Readonly<Record<string, string>>

export class LightHeaders implements Iterable<[string, string]> {
  readonly #values = new Map<string, string>()

  /** Throws a TypeError for a name or a value that HTTP cannot carry; so do the others that take one. */
  constructor(init: Init = {}) {
    const entries = Symbol.iterator in init ? init : Object.entries(init)
    for (const [name, value] of entries as Iterable<readonly [string, string]>) {
      this.append(name, value)
    }
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase())
  }

  set(name: string, value: string): void {
    const trimmed = value.replace(AROUND, '')
    if (!NAME.test(name)) throw new TypeError('not the name of a header')
    if (!VALUE.test(trimmed)) throw new TypeError(`not a value of ${name}`)
    this.#values.set(name.toLowerCase(), trimmed)
  }

  append(name: string, value: string): void {
    const before = this.get(name)
    this.set(name, before === null ? value : `${before}, ${value}`)
  }

  delete(name: string): void {
    this.#values.delete(name.toLowerCase())
  }

  forEach(visit: (value: string, name: string) => void): void {
    for (const [name, value] of this) visit(value, name)
  }

  /** Names in lower case. */
  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.#values.entries()
  }
}
