/** Pushes over a door, each in the plainest way; what they push differs unless it is told. */
import { randomBytes } from 'node:crypto'
import { digestOf, type Algorithm, type Digest } from '@sluice/core/digest'
import { OCI_INDEX, OCI_MANIFEST } from '@sluice/core/media-type'
import { expect } from 'vitest'
import type { Answer } from './answer.ts'
import type { DoorUnderTest } from './door-under-test.ts'

export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
}

export const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'
export const CONFIG = 'application/vnd.oci.image.config.v1+json'

export function describeBytes(
  bytes: Uint8Array,
  mediaType = LAYER,
  algorithm: Algorithm = 'sha256',
): Descriptor {
  return { mediaType, digest: digestOf(algorithm, bytes), size: bytes.byteLength }
}

/** Bytes that nobody pushed before, unless given. */
export async function pushBlob(
  door: DoorUnderTest,
  repository: string,
  bytes: Uint8Array = randomBytes(64),
  algorithm: Algorithm = 'sha256',
): Promise<Descriptor & { readonly bytes: Uint8Array }> {
  const blob = describeBytes(bytes, LAYER, algorithm)
  const answer = await door.post(`/v2/${repository}/blobs/uploads/?digest=${blob.digest}`, bytes)
  expect(answer.status).toBe(201)
  return { ...blob, bytes }
}

export interface Pushed extends Descriptor {
  readonly bytes: Buffer
}

export const manifestBytes = (content: object): Buffer =>
  Buffer.from(JSON.stringify({ schemaVersion: 2, ...content }))

export function putManifest(
  door: DoorUnderTest,
  repository: string,
  reference: string,
  bytes: Uint8Array | string,
  mediaType = OCI_MANIFEST,
): Promise<Answer> {
  const headers = { 'Content-Type': mediaType }
  return door.put(`/v2/${repository}/manifests/${reference}`, bytes, headers)
}

/** An image of new blobs, or of what `content` says. Without a reference it is put by its digest. */
export async function pushImage(
  door: DoorUnderTest,
  repository: string,
  {
    reference,
    ...content
  }: { readonly reference?: string; readonly [field: string]: unknown } = {},
): Promise<Pushed> {
  const given = 'config' in content && 'layers' in content
  const config = given ? content['config'] : plain(await pushBlob(door, repository))
  const layers = given ? content['layers'] : [plain(await pushBlob(door, repository))]
  const bytes = manifestBytes({ mediaType: OCI_MANIFEST, config, layers, ...content })
  const image = describeBytes(bytes, OCI_MANIFEST)
  const answer = await putManifest(door, repository, reference ?? image.digest, bytes)
  expect({ status: answer.status, body: answer.body.toString() }).toEqual({ status: 201, body: '' })
  return { ...image, bytes }
}

export const plain = ({ mediaType, digest, size }: Descriptor): Descriptor => ({
  mediaType,
  digest,
  size,
})

/** The smallest manifest there is: an index of nothing. */
export const EMPTY_INDEX = manifestBytes({ mediaType: OCI_INDEX, manifests: [] })

export async function pushIndex(
  door: DoorUnderTest,
  repository: string,
  reference: string,
): Promise<void> {
  const answer = await putManifest(door, repository, reference, EMPTY_INDEX, OCI_INDEX)
  expect(answer.status).toBe(201)
}
