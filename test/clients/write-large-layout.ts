import { createCipheriv, createHash } from 'node:crypto'
import { createReadStream, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const STEP = 4 * 1024 * 1024

/** The digest of a file, whatever its size. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: STEP }), hash)
  return `sha256:${hash.digest('hex')}`
}

/** An OCI layout, tag `latest`, with one layer of that many bytes, which no client can make smaller; gives the layer's digest. */
export async function writeLargeLayout(dir: string, bytes: number): Promise<string> {
  const blobs = join(dir, 'blobs/sha256')
  mkdirSync(blobs, { recursive: true })
  // The key stream of a cipher is the fastest noise there is.
  const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16))
  const hash = createHash('sha256')
  const zeros = Buffer.alloc(STEP)
  const file = await open(join(blobs, 'growing'), 'w')
  for (let left = bytes; left > 0; left -= STEP) {
    const block = noise.update(left < STEP ? zeros.subarray(0, left) : zeros)
    hash.update(block)
    await file.write(block)
  }
  await file.close()
  const layerHex = hash.digest('hex')
  renameSync(join(blobs, 'growing'), join(blobs, layerHex))

  const put = (mediaType: string, content: object): object => {
    const json = JSON.stringify(content)
    const hex = createHash('sha256').update(json).digest('hex')
    writeFileSync(join(blobs, hex), json)
    return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(json) }
  }
  const digest = `sha256:${layerHex}`
  const rootfs = { type: 'layers', diff_ids: [digest] }
  const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: bytes }
  const manifest = put(MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: put('application/vnd.oci.image.config.v1+json', {
      architecture: 'amd64',
      os: 'linux',
      rootfs,
    }),
    layers: [layer],
  })
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' }
  const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] }
  writeFileSync(join(dir, 'index.json'), JSON.stringify(index))
  writeFileSync(join(dir, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  return digest
}
