/** Images of random bytes, in the shape that clients push: a config, layers, a manifest. */
import { createHash, randomBytes } from 'node:crypto'

export const IMAGE_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const IMAGE_INDEX = 'application/vnd.oci.image.index.v1+json'

export interface Image {
  readonly blobs: readonly Buffer[]
  readonly manifest: Buffer
}

export const digestOf = (bytes: Buffer): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

const descriptor = (mediaType: string, bytes: Buffer) => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
})

export function randomImage(layers: number, layerBytes: number): Image {
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [] },
      history: [{ comment: randomBytes(16).toString('hex') }],
    }),
  )
  const contents = Array.from({ length: layers }, () => randomBytes(layerBytes))
  const manifest = {
    schemaVersion: 2,
    mediaType: IMAGE_MANIFEST,
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: contents.map((bytes) =>
      descriptor('application/vnd.oci.image.layer.v1.tar+gzip', bytes),
    ),
  }
  return { blobs: [config, ...contents], manifest: Buffer.from(JSON.stringify(manifest)) }
}

/** Another manifest of the same blobs. */
export function renamed(image: Image, name: string): Buffer {
  const manifest: object = JSON.parse(image.manifest.toString())
  return Buffer.from(JSON.stringify({ ...manifest, annotations: { name } }))
}
