import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Pulled, TextByPlatform } from './client.ts'
import { TAR_END, tarHeader, tarPadding } from './tar-header.ts'
import { writeBallastLayer } from './write-ballast-layer.ts'

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar'

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform?: { readonly os: string; readonly architecture: string }
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** A tar archive of one file, `hello.txt`. */
function tarOfHello(text: string): Buffer {
  const content = Buffer.from(text)
  const size = content.length
  return Buffer.concat([tarHeader('hello.txt', size), content, tarPadding(size), TAR_END])
}

const textOfHello = (tar: Buffer): string => {
  const size = Number.parseInt(tar.toString('latin1', 124, 135), 8)
  return tar.toString('utf8', 512, 512 + size)
}

/**
 * An OCI image layout for the clients that carry images but do not build them. Its tag is `latest`; containerd wants the name. A layer
 * is compressed but for one with ballast, which nothing makes smaller.
 */
export function writeOciLayout(
  dir: string,
  image: string,
  texts: TextByPlatform,
  ballast?: string,
): void {
  const blobs = join(dir, 'blobs/sha256')
  mkdirSync(blobs, { recursive: true })
  const put = (mediaType: string, content: Buffer | object): Descriptor => {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content))
    writeFileSync(join(blobs, sha256(bytes)), bytes)
    return { mediaType, digest: `sha256:${sha256(bytes)}`, size: bytes.length }
  }
  const putLayer = (text: string): { layer: Descriptor; diffId: string } => {
    if (ballast !== undefined) {
      const written = writeBallastLayer(blobs, text, ballast)
      return { layer: { mediaType: LAYER, ...written }, diffId: written.digest }
    }
    const tar = tarOfHello(text)
    return { layer: put(`${LAYER}+gzip`, gzipSync(tar)), diffId: `sha256:${sha256(tar)}` }
  }
  const images = Object.entries(texts).map(([name, text]): Descriptor => {
    const [os = '', architecture = ''] = name.split('/')
    const { layer, diffId } = putLayer(text)
    const rootfs = { type: 'layers', diff_ids: [diffId] }
    const config = put(CONFIG, { os, architecture, config: { Cmd: ['/hello.txt'] }, rootfs })
    const layers = [layer]
    const manifest = { schemaVersion: 2, mediaType: MANIFEST, config, layers }
    return { ...put(MANIFEST, manifest), platform: { os, architecture } }
  })
  const top =
    images.length === 1
      ? images
      : [put(INDEX, { schemaVersion: 2, mediaType: INDEX, manifests: images })]
  const manifests = top.map((descriptor) => ({
    ...descriptor,
    annotations: {
      'org.opencontainers.image.ref.name': 'latest',
      'io.containerd.image.name': image,
    },
  }))
  writeFileSync(join(dir, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
  writeFileSync(join(dir, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
}

/** What a client has put into a layout: every blob on the way to the text is checked against its digest. */
export function readOciLayout(dir: string, platform: string): Pulled {
  const blob = (digest: string): Buffer => {
    const bytes = readFileSync(join(dir, 'blobs', digest.replace(':', '/')))
    if (`sha256:${sha256(bytes)}` !== digest) throw new Error(`${digest} holds other bytes`)
    return bytes
  }
  const isWanted = ({ platform: its }: Descriptor): boolean =>
    its === undefined || `${its.os}/${its.architecture}` === platform
  const digests: string[] = []
  let node = JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8')) as Node
  while (node.manifests !== undefined) {
    const next = node.manifests.find(isWanted)
    if (next === undefined) throw new Error(`No image for ${platform} in ${dir}`)
    digests.push(next.digest)
    node = JSON.parse(blob(next.digest).toString()) as Node
  }
  const layer = blob(node.layers?.[0]?.digest ?? '')
  return { text: textOfHello(layer[0] === 0x1f ? gunzipSync(layer) : layer), digests }
}

interface Node {
  readonly manifests?: readonly Descriptor[]
  readonly layers?: readonly Descriptor[]
}
