/** A map of at most so much: what was set longest ago goes first. */
export class BoundedMap<Key, Value> {
  readonly #most: number
  readonly #weigh: (value: Value) => number
  readonly #entries = new Map<Key, Value>()
  #weight = 0

  /** What is heavier than all together may be is not kept at all. */
  constructor(most: number, weigh: (value: Value) => number = () => 1) {
    this.#most = most
    this.#weigh = weigh
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key)
  }

  set(key: Key, value: Value): void {
    this.delete(key)
    if (this.#weigh(value) > this.#most) return
    this.#entries.set(key, value)
    this.#weight += this.#weigh(value)
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#most) return
      this.delete(oldest)
    }
  }

  delete(key: Key): void {
    if (!this.#entries.has(key)) return
    this.#weight -= this.#weigh(this.#entries.get(key)!)
    this.#entries.delete(key)
  }
}
