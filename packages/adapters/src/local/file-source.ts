/** A stretch of a file, in big chunks; the next is read while the consumer deals with this one. */
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Source } from '@sluice/core/ports/blob-store'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { onFiles } from './file-error.ts'

const CHUNK_BYTES = 1024 * 1024

/** The file is opened by the first step, so a source that nobody starts holds nothing. */
export async function* fileSource(path: string, start: number, length: number): Source {
  if (length === 0) return
  const file = await onFiles(() => open(path, 'r'))
  const end = start + length
  let position = start
  let ahead: Promise<Uint8Array> | undefined
  try {
    ahead = chunkAt(file, position, end)
    while (position < end) {
      const chunk = await ahead
      position += chunk.byteLength
      ahead = chunkAt(file, position, end)
      // Should it fail before the consumer comes back, nobody is listening yet.
      void ahead.catch(() => undefined)
      yield chunk
    }
  } finally {
    await ahead?.catch(() => undefined)
    await file.close()
  }
}

async function chunkAt(file: FileHandle, position: number, end: number): Promise<Uint8Array> {
  const length = Math.min(CHUNK_BYTES, end - position)
  if (length === 0) return new Uint8Array()
  const { bytesRead, buffer } = await onFiles(() =>
    file.read(Buffer.allocUnsafeSlow(length), 0, length, position),
  )
  if (bytesRead > 0) return buffer.subarray(0, bytesRead)
  throw new StorageError(
    'unavailable',
    'a file of the blob store is shorter than it was',
    undefined,
  )
}
