/** The Content-Range of a chunk: `<start>-<end>` (spec "Pushing a blob in chunks"), or as RFC 9110 writes it. */
import { RegistryError } from '@sluice/core/errors'

const CONTENT_RANGE = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/(?:\d{1,15}|\*))?$/

/** `bodyLength`: the announced length of the body, if any; both must say the same. */
export function contentRange(
  header: string | undefined,
  bodyLength: number | undefined,
): { readonly start: number; readonly length: number } | undefined {
  if (header === undefined) return undefined
  const match = CONTENT_RANGE.exec(header.trim())
  const start = Number(match?.[1])
  const length = Number(match?.[2]) - start + 1
  if (!match || length < 0) {
    throw new RegistryError('BLOB_UPLOAD_INVALID', 'Content-Range is <first byte>-<last byte>')
  }
  if (bodyLength !== undefined && bodyLength !== length) {
    throw new RegistryError(
      'SIZE_INVALID',
      `Content-Range covers ${length} bytes and Content-Length says ${bodyLength}`,
    )
  }
  return { start, length }
}
