/** The last bytes of a blob on its way, so that whoever keeps pace with it need not read them back. */

/** Whoever is further behind reads what was stored. */
const MOST_BYTES = 4 * 1024 * 1024

interface Piece {
  readonly start: number
  readonly bytes: Uint8Array
}

export class RecentPieces {
  readonly #pieces: Piece[] = []
  #bytes = 0
  #end: number | undefined
  /** Where bytes came that may take the place of others: of whoever was at it before, or of a writer that failed. */
  readonly #rewinds: number[] = []

  /** The end of what came here; `undefined` where nothing did. */
  get end(): number | undefined {
    return this.#end
  }

  get rewinds(): number {
    return this.#rewinds.length
  }

  /** Whether others have come, after the first so many rewinds, in the place of some of the bytes before `end`. */
  hasReplaced(end: number, rewinds: number): boolean {
    for (let each = rewinds; each < this.#rewinds.length; each++) {
      if (this.#rewinds[each]! < end) return true
    }
    return false
  }

  add(start: number, bytes: Uint8Array): void {
    if (start !== this.#end) {
      this.#rewinds.push(start)
      this.#pieces.length = 0
      this.#bytes = 0
    }
    this.#pieces.push({ start, bytes })
    this.#bytes += bytes.byteLength
    this.#end = start + bytes.byteLength
    while (this.#bytes > MOST_BYTES && this.#pieces.length > 1) {
      this.#bytes -= this.#pieces.shift()!.bytes.byteLength
    }
  }

  /**
   * At most `most` bytes from `start` on, in the `room` if they are of several pieces; `undefined` where none of them is
   * among the last.
   */
  read(start: number, most: number, room: Uint8Array): Uint8Array | undefined {
    // Whoever reads is near the end of them, or near the beginning.
    const at = this.#pieces.findLastIndex((piece) => piece.start <= start)
    const piece = this.#pieces[at]
    const from = piece ? start - piece.start : 0
    if (!piece || from >= piece.bytes.byteLength) return undefined
    const first = piece.bytes.subarray(from, from + most)
    const length = Math.min(most, room.byteLength, this.#end! - start)
    if (first.byteLength >= length) return first
    room.set(first)
    let filled = first.byteLength
    for (let next = at + 1; filled < length; next++) {
      const bytes = this.#pieces[next]!.bytes.subarray(0, length - filled)
      room.set(bytes, filled)
      filled += bytes.byteLength
    }
    return room.subarray(0, length)
  }
}
