/** What a test puts into an upstream, whatever serves it. */
import { createHash } from 'node:crypto'
import { parseDigest, type Digest } from '@sluice/core/digest'
import { OCI_INDEX, OCI_MANIFEST } from '@sluice/core/media-type'

export interface UpstreamContent {
  putBlob(repository: string, bytes: Uint8Array): Promise<void>
  /** `reference`: a tag or the digest of the bytes. */
  putManifest(repository: string, reference: string, made: MadeManifest): Promise<void>
}

export interface MadeManifest {
  readonly bytes: Buffer
  readonly mediaType: string
  readonly digest: Digest
}

export interface MadeImage extends MadeManifest {
  readonly config: Buffer
  readonly layers: readonly Buffer[]
}

export const digestOfBytes = (bytes: Uint8Array): Digest =>
  parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`)

const descriptor = (mediaType: string, bytes: Uint8Array): object => ({
  mediaType,
  digest: digestOfBytes(bytes),
  size: bytes.byteLength,
})

export function makeManifest(mediaType: string, body: object): MadeManifest {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...body }))
  return { bytes, mediaType, digest: digestOfBytes(bytes) }
}

/** An OCI image of these layers (their bytes are not unpacked by anything); `more` joins its manifest. */
export function makeImage(layers: readonly Uint8Array[], more: object = {}): MadeImage {
  const buffers = layers.map((layer) => Buffer.from(layer))
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: buffers.map(digestOfBytes) },
    }),
  )
  const manifest = makeManifest(OCI_MANIFEST, {
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: buffers.map((layer) => descriptor('application/vnd.oci.image.layer.v1.tar', layer)),
    ...more,
  })
  return { ...manifest, config, layers: buffers }
}

export const makeIndex = (manifests: readonly MadeManifest[]): MadeManifest =>
  makeManifest(OCI_INDEX, {
    manifests: manifests.map(({ mediaType, bytes }) => descriptor(mediaType, bytes)),
  })

export async function putImage(
  content: UpstreamContent,
  repository: string,
  reference: string,
  image: MadeImage,
): Promise<void> {
  for (const blob of [image.config, ...image.layers]) await content.putBlob(repository, blob)
  await content.putManifest(repository, reference, image)
}
