/** A source's bytes in buffers of a part each, every byte copied once. */
import type { Source } from '@sluice/core/ports/blob-store'
import { PART_BYTES, type PartBuffers } from './part-buffers.ts'

export interface Cut {
  /** The receiver's from now on, to be given back. */
  readonly buffer: Buffer
  /** Of it are bytes of the source; all of it, unless it is the last. Never 0. */
  readonly size: number
  readonly last: boolean
}

/**
 * Nothing for a source without a byte. `begin` writes what comes before the source's bytes and says how many, at most
 * `PART_BYTES`; it is called when the first of them has come.
 */
export async function* cutParts(
  source: Source,
  buffers: PartBuffers,
  begin: (buffer: Buffer) => Promise<number>,
): AsyncGenerator<Cut> {
  let buffer: Buffer | undefined
  let size = 0
  try {
    for await (const piece of source) {
      if (piece.byteLength === 0) continue
      if (!buffer) {
        buffer = buffers.take()
        size = await begin(buffer)
      }
      for (let at = 0; at < piece.byteLength;) {
        if (size === PART_BYTES) {
          const full: Buffer = buffer
          buffer = undefined
          yield { buffer: full, size: PART_BYTES, last: false }
          buffer = buffers.take()
          size = 0
        }
        const length = Math.min(PART_BYTES - size, piece.byteLength - at)
        buffer.set(piece.subarray(at, at + length), size)
        size += length
        at += length
      }
    }
    if (!buffer) return
    const rest = buffer
    buffer = undefined
    yield { buffer: rest, size, last: true }
  } finally {
    if (buffer) buffers.give(buffer)
  }
}
