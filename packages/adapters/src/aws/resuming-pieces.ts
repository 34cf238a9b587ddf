import type { Pieces } from '@sluice/core/ports/blob-store'
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Readable } from 'node:stream'
import { s3Error } from './s3-error.ts'

/** Connections that break without a byte between, before the reader hears of it. */
const BREAKS = 3

/**
 * `size` bytes as they come. An object never changes, so where a connection breaks another goes on: `reopen` gives the
 * bytes from that offset on. Whoever stops early closes the connection.
 */
export async function* resumingPieces(
  body: Readable,
  size: number,
  reopen: (offset: number) => Promise<Readable | undefined>,
): Pieces {
  let open: Readable | undefined = body
  let offset = 0
  for (let breaks = 0; ;) {
    if (!open)
      throw new StorageError('unavailable', 'an object is gone while it is read', undefined)
    let broken: unknown
    try {
      const pieces: AsyncIterable<Buffer> = open
      for await (const piece of pieces) {
        offset += piece.byteLength
        breaks = 0
        yield piece
      }
    } catch (error) {
      broken = error
    }
    if (offset >= size) return
    if (++breaks === BREAKS) throw s3Error('give the rest of an object', broken)
    open = await reopen(offset)
  }
}
