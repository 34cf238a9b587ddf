/**
 * The state of an upload in files. Its bytes are the first `size` of `uploads/<key, slashes as commas>.<token>`; a file
 * that holds more than a state says has been appended to by someone else, so no two states ever share what they added.
 * Beside it lie, for a moment, `<upload>.<size>` (upload-holds.ts) and `<upload>.copy<token>`, which becomes the object
 * where someone else may still write to the upload.
 */
import type { Value } from '@sluice/core/ports/table'
import { randomBytes } from 'node:crypto'
import { checkObjectKey } from '../shared/object-key.ts'

export interface UploadState {
  readonly key: string
  readonly token: string
  readonly size: number
  /** This file took over from another, which is still there. */
  readonly again: boolean
}

const TOKEN = /^[a-z0-9]+$/

export const newToken = (): string => randomBytes(9).toString('hex')

export const uploadPrefix = (key: string): string => `${key.replaceAll('/', ',')}.`

export const uploadName = ({ key, token }: UploadState): string => uploadPrefix(key) + token

export const copyName = (state: UploadState): string => `${uploadName(state)}.copy${newToken()}`

export const stateValue = ({ key, token, size, again }: UploadState): Value => ({
  key,
  token,
  size,
  again,
})

export function parseState(value: Value): UploadState {
  if (typeof value === 'object' && value !== null && 'token' in value) {
    const { key, token, size, again } = value
    if (typeof key === 'string' && typeof token === 'string' && TOKEN.test(token)) {
      checkObjectKey(key)
      if (Number.isSafeInteger(size))
        return { key, token, size: Number(size), again: again === true }
    }
  }
  throw new TypeError('this is no state of an upload in files')
}

/** `undefined` for a file that is no upload's, nor lies beside one. */
export function stateOfName(name: string, size: number): UploadState | undefined {
  const [key, token, beside = 'nothing', ...rest] = name.split('.')
  if (!key || !token || rest.length > 0) return undefined
  if (!TOKEN.test(token) || !TOKEN.test(beside)) return undefined
  return { key: key.replaceAll(',', '/'), token, size, again: false }
}
