/** What a client asks a registry for in everyday life, as questions to the function. */
import { randomBytes } from 'node:crypto'
import { digestOf, renamed, type Image } from '../image.ts'
import {
  blobPush,
  manifestPut,
  REPOSITORY,
  TAG,
  tokenQuestion,
  type Headers,
} from './filled-stage.ts'
import type { FunctionQuestion } from './running-function.ts'

const BLOB_BYTES = 4096
const PAGE = 100

export interface Operation {
  readonly name: string
  /** What is pushed is new each time. */
  readonly question: (headers: Headers) => FunctionQuestion
}

const ask =
  (target: string, status = 200, method = 'GET') =>
  (headers: Headers): FunctionQuestion => ({ method, target, headers, status })

export function operations(image: Image): readonly Operation[] {
  const manifest = digestOf(image.manifest)
  const blob = digestOf(image.blobs.at(-1) ?? Buffer.alloc(0))
  const at = `/v2/${REPOSITORY}`
  return [
    { name: '`GET /v2/`', question: ask('/v2/') },
    { name: 'token for a password', question: () => tokenQuestion },
    { name: 'manifest by tag', question: ask(`${at}/manifests/${TAG}`) },
    { name: 'manifest by digest', question: ask(`${at}/manifests/${manifest}`) },
    { name: 'blob GET (307)', question: ask(`${at}/blobs/${blob}`, 307) },
    { name: 'blob HEAD (307)', question: ask(`${at}/blobs/${blob}`, 307, 'HEAD') },
    { name: `${PAGE} tags`, question: ask(`${at}/tags/list?n=${PAGE}`) },
    {
      name: `blob of ${BLOB_BYTES} bytes, one POST`,
      question: (headers) => blobPush(randomBytes(BLOB_BYTES), headers),
    },
    {
      name: `manifest PUT, ${image.blobs.length} blobs`,
      question: (headers) =>
        manifestPut('moving', renamed(image, randomBytes(8).toString('hex')), headers),
    },
  ]
}
