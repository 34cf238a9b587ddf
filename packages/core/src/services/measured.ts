/** Passes a request's bytes on, hashed; ends with an error when they are not as many as the request announced. */
import { RegistryError } from '../errors.ts'
import type { Source } from '../ports/blob-store.ts'
import type { UploadHash } from './upload-hash.ts'

export interface Measured {
  readonly source: Source
  readonly length: number | undefined
  readonly hash: UploadHash | undefined
  /** Asked before each piece; throws to stop. */
  readonly proceed: () => void
  /** Told how many bytes have come, before the last of them are passed on; throws to refuse them. */
  readonly admit?: ((bytes: number) => void) | undefined
  /** Told when all have come. */
  readonly ended?: (() => void) | undefined
}

export async function* measured({ source, length, hash, proceed, admit, ended }: Measured): Source {
  let bytes = 0
  for await (const piece of source) {
    proceed()
    bytes += piece.byteLength
    if (length !== undefined && bytes > length) throw wrongLength(length, 'more')
    admit?.(bytes)
    hash?.update(piece)
    yield piece
  }
  proceed()
  if (length !== undefined && bytes < length) throw wrongLength(length, `only ${bytes}`)
  ended?.()
}

function wrongLength(length: number, came: string): RegistryError {
  return new RegistryError(
    'SIZE_INVALID',
    `the request announced ${length} bytes, and ${came} came`,
  )
}
