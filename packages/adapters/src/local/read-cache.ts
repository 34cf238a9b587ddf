/**
 * What was read lately, present or absent, bounded by bytes. Two generations stand in for exact order of use: a hit in
 * the younger costs one look-up, and the older is dropped whole when the younger has filled half of the room.
 */
import type { Item } from '@sluice/core/ports/table'

/** About what a map's entry and an object cost beyond their text. */
const ENTRY_BYTES = 250

interface Entry {
  readonly item: Item | undefined
  readonly bytes: number
}

export class ReadCache {
  readonly #most: number
  #young = new Map<string, Entry>()
  #old = new Map<string, Entry>()
  #youngBytes = 0

  constructor(bytes: number) {
    this.#most = bytes / 2
  }

  /** An entry's `item` is undefined where the record is known to be absent. */
  get(name: string): Entry | undefined {
    const young = this.#young.get(name)
    if (young !== undefined) return young
    const old = this.#old.get(name)
    if (old !== undefined) this.#keep(name, old)
    return old
  }

  set(name: string, item: Item | undefined, textLength: number): void {
    const bytes = ENTRY_BYTES + 2 * (name.length + textLength)
    if (bytes <= this.#most) this.#keep(name, { item, bytes })
  }

  clear(): void {
    if (this.#youngBytes === 0 && this.#old.size === 0) return
    this.#young = new Map()
    this.#old = new Map()
    this.#youngBytes = 0
  }

  #keep(name: string, entry: Entry): void {
    if (this.#youngBytes + entry.bytes > this.#most) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngBytes = 0
    }
    this.#young.set(name, entry)
    this.#youngBytes += entry.bytes
  }
}
