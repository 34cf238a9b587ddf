/** A state as it comes back from a record, checked: a wrong one is a mistake in this program and is refused as such. */
import type { Value } from '@sluice/core/ports/table'
import { checkObjectKey } from '../shared/object-key.ts'
import type { Multipart, Tail, UploadState } from './s3-upload-state.ts'

type Fields = { readonly [name: string]: Value }

export function parseUploadState(value: Value): UploadState {
  const state = fields(value)
  const { before } = state
  const key = text(state, 'key')
  checkObjectKey(key)
  return {
    key,
    id: text(state, 'id'),
    size: count(state, 'size'),
    ...(state.multipart !== undefined && { multipart: multipart(fields(state.multipart)) }),
    ...(state.tail !== undefined && { tail: tail(fields(state.tail)) }),
    ...(before !== undefined && { before: text(state, 'before') }),
  }
}

const multipart = (value: Fields): Multipart => ({
  uploadId: text(value, 'uploadId'),
  mark: text(value, 'mark'),
  parts: count(value, 'parts'),
  size: count(value, 'size'),
  chain: text(value, 'chain'),
  crc: count(value, 'crc'),
})

const tail = (value: Fields): Tail => ({
  name: text(value, 'name'),
  size: count(value, 'size'),
  crc: count(value, 'crc'),
})

function fields(value: Value): Fields {
  if (typeof value === 'object' && value !== null) return value as Fields
  throw wrong()
}

function text(from: Fields, name: string): string {
  const value = from[name]
  if (typeof value === 'string') return value
  throw wrong()
}

function count(from: Fields, name: string): number {
  const value = from[name]
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw wrong()
}

const wrong = (): TypeError => new TypeError('this is no state of an upload to S3')
