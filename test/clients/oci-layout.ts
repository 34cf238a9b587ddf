import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Pulled, TextByPlatform } from './client.ts'

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'

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
  const header = Buffer.alloc(512)
  const octal = (value: number, at: number, digits: number): void =>
    void header.write(value.toString(8).padStart(digits, '0'), at)
  header.write('hello.txt', 0)
  octal(0o644, 100, 7) // mode
  octal(0, 108, 7) // owner
  octal(0, 116, 7) // group
  octal(content.length, 124, 11)
  octal(0, 136, 11) // time
  header.write('        0', 148) // a blank checksum, and the type of a plain file
  header.write('ustar', 257)
  header.write('00', 263)
  const sum = header.reduce((total, byte) => total + byte, 0)
  octal(sum, 148, 6)
  header[154] = 0
  return Buffer.concat([header, content, Buffer.alloc(1024 + (-content.length & 511))])
}

const textOfHello = (tar: Buffer): string => {
  const size = Number.parseInt(tar.toString('latin1', 124, 135), 8)
  return tar.toString('utf8', 512, 512 + size)
}

/** An OCI image layout for the clients that carry images but do not build them. Its tag is `latest`; containerd wants the name. */
export function writeOciLayout(dir: string, image: string, texts: TextByPlatform): void {
  mkdirSync(join(dir, 'blobs/sha256'), { recursive: true })
  const put = (mediaType: string, content: Buffer | object): Descriptor => {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content))
    writeFileSync(join(dir, 'blobs/sha256', sha256(bytes)), bytes)
    return { mediaType, digest: `sha256:${sha256(bytes)}`, size: bytes.length }
  }
  const images = Object.entries(texts).map(([name, text]): Descriptor => {
    const [os = '', architecture = ''] = name.split('/')
    const tar = tarOfHello(text)
    const rootfs = { type: 'layers', diff_ids: [`sha256:${sha256(tar)}`] }
    const config = put(CONFIG, { os, architecture, config: { Cmd: ['/hello.txt'] }, rootfs })
    const layers = [put(LAYER, gzipSync(tar))]
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
