/**
 * A stretch of a file, in big pieces; the next is read while the consumer deals with this one. Two buffers take turns:
 * memory that stays in the processor's cache halves the cost of a large download.
 */
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Pieces } from '@sluice/core/ports/blob-store'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { onFiles } from './file-error.ts'

const PIECE_BYTES = 1024 * 1024
const EMPTY = Buffer.alloc(0)

/** The file is opened by the first step, so a source that nobody starts holds nothing. */
export async function* fileSource(path: string, start: number, length: number): Pieces {
  if (length === 0) return
  const file = await onFiles(() => open(path, 'r'))
  const end = start + length
  const size = Math.min(PIECE_BYTES, length)
  let [buffer, other] = [Buffer.allocUnsafeSlow(size), EMPTY]
  let position = start
  let ahead: Promise<Uint8Array> | undefined
  try {
    ahead = pieceAt(file, buffer, position, end)
    while (position < end) {
      const piece = await ahead
      position += piece.byteLength
      ;[buffer, other] = [other, buffer]
      if (buffer === EMPTY && position < end) buffer = Buffer.allocUnsafeSlow(size)
      ahead = pieceAt(file, buffer, position, end)
      // Should it fail before the consumer comes back, nobody is listening yet.
      void ahead.catch(() => undefined)
      yield piece
    }
  } finally {
    await ahead?.catch(() => undefined)
    await file.close()
  }
}

async function pieceAt(
  file: FileHandle,
  buffer: Buffer,
  position: number,
  end: number,
): Promise<Uint8Array> {
  const length = Math.min(buffer.byteLength, end - position)
  if (position === end) return new Uint8Array()
  const { bytesRead } = await onFiles(() => file.read(buffer, 0, length, position))
  if (bytesRead > 0) return buffer.subarray(0, bytesRead)
  throw new StorageError(
    'unavailable',
    'a file of the blob store is shorter than it was',
    undefined,
  )
}
