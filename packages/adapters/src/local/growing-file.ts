import type { GrowingBytes } from '@sluice/core/ports/blob-store'
import { open } from 'node:fs/promises'
import { onFiles, unlessMissing } from './file-error.ts'

const PIECE_BYTES = 1024 * 1024

/** A file that another is writing; `undefined` where there is none. */
export async function growingFile(path: string): Promise<GrowingBytes | undefined> {
  const file = await onFiles(() => unlessMissing(open(path, 'r')))
  if (!file) return undefined
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES)
  return {
    read: async (start, most) => {
      const length = Math.min(most, PIECE_BYTES)
      const { bytesRead } = await onFiles(() => file.read(buffer, 0, length, start))
      return buffer.subarray(0, bytesRead)
    },
    close: () => file.close(),
  }
}
