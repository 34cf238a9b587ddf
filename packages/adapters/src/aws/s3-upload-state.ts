/**
 * The state of an upload to S3. Its bytes are the first `multipart.parts` parts of one multipart upload and after them
 * one tail object, either of which may be missing. It stays small however large the upload: of the parts it has only
 * their count and what they add up to.
 */
import type { Value } from '@sluice/core/ports/table'
import { createHash, randomBytes } from 'node:crypto'
import { compositeCrc32, crc32Text } from './crc32.ts'

/** A part as S3 has it. */
export interface Part {
  readonly etag: string
  readonly size: number
  readonly crc: number
}

export interface Multipart {
  /** S3's name for it. */
  readonly uploadId: string
  /** Random, in the object's metadata: by it an object is known to come of this multipart upload. */
  readonly mark: string
  readonly parts: number
  readonly size: number
  /** A digest of all parts in order: another part in the place of one of these changes it. */
  readonly chain: string
  /** S3's checksum of the object that these parts would be. */
  readonly crc: number
}

export interface Tail {
  /** Random: what is under it was put once. */
  readonly name: string
  readonly size: number
  readonly crc: number
}

export interface UploadState {
  readonly key: string
  /** Random: the mark of an object that no tail and no multipart upload has a mark for. */
  readonly id: string
  readonly size: number
  readonly multipart?: Multipart
  readonly tail?: Tail
  /** The name of the tail that the last append took in; nobody needs it once this state is appended to. */
  readonly before?: string
}

/** An object as it must be when it was made of a known upload. */
export interface Expected {
  readonly mark: string
  readonly size: number
  /** As S3 writes it. */
  readonly checksum: string
}

export const newToken = (): string => randomBytes(9).toString('hex')

export const newUpload = (key: string): UploadState => ({ key, id: newToken(), size: 0 })

export function withPart(multipart: Multipart, { etag, size, crc }: Part): Multipart {
  const chain = createHash('sha256').update(`${multipart.chain} ${etag} ${size} ${crc}`)
  return {
    ...multipart,
    parts: multipart.parts + 1,
    size: multipart.size + size,
    chain: chain.digest('base64url'),
    crc: compositeCrc32(multipart.crc, crc),
  }
}

export const expectedOf = ({ mark, size, crc, parts }: Multipart): Expected => ({
  mark,
  size,
  checksum: `${crc32Text(crc)}-${parts}`,
})

export const stateValue = (state: UploadState): Value => ({
  key: state.key,
  id: state.id,
  size: state.size,
  ...(state.multipart && { multipart: { ...state.multipart } }),
  ...(state.tail && { tail: { ...state.tail } }),
  ...(state.before !== undefined && { before: state.before }),
})
