/** An upstream whose blobs lie in a store of its own, as the large registries' do: over TLS, with a redirect for each blob. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { randomBytes } from 'node:crypto'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { selfSigned } from '../server/self-signed.ts'
import { digestOfBytes, makeManifest } from '../upstream/upstream-content.ts'

export interface RedirectingUpstream {
  readonly url: string
  /** Puts an image of one layer under the tag, and answers the layer's digest. */
  put(tag: string, size: number): string
  /** Forgets what was put. */
  clear(): void
  close(): Promise<void>
}

interface Content {
  readonly type: string
  readonly bytes: Buffer
}

const PIECE = 256 * 1024

const CONFIG = Buffer.from('{}')

/** `through`: what clients reach one of its servers by, if not by its own address. */
export async function startRedirectingUpstream(
  through: (url: string) => Promise<string> = (url) => Promise.resolve(url),
): Promise<RedirectingUpstream> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  const files = selfSigned(directory)
  const tls = { cert: readFileSync(files.cert), key: readFileSync(files.key) }
  rmSync(directory, { recursive: true })
  const contents = new Map<string, Content>()
  const open = async (answer: RequestListener): Promise<[Server, string]> => {
    const server = createServer(tls, answer).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    return [server, await through(url)]
  }
  const send: RequestListener = (request, response) => {
    const found = contents.get(request.url?.split('/').pop() ?? '')
    const length = found?.bytes.byteLength ?? 0
    response.writeHead(found ? 200 : 404, {
      'content-type': found?.type ?? 'application/json',
      'content-length': length,
    })
    if (!found || request.method === 'HEAD') response.end()
    else pipeline(Readable.from(pieces(found.bytes)), response, () => undefined)
  }
  const [store, storeUrl] = await open(send)
  const [registry, url] = await open((request, response) => {
    if (!request.url?.includes('/blobs/')) return send(request, response)
    response.writeHead(307, { location: `${storeUrl}${request.url}`, 'content-length': 0 }).end()
  })
  return {
    url,
    put(tag, size) {
      const bytes = Buffer.alloc(size, randomBytes(1_000_003))
      const digest = digestOfBytes(bytes)
      const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size }
      const config = {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: digestOfBytes(CONFIG),
        size: CONFIG.byteLength,
      }
      const manifest = makeManifest(OCI_MANIFEST, { config, layers: [layer] })
      contents.set(digest, { type: 'application/octet-stream', bytes })
      contents.set(tag, { type: OCI_MANIFEST, bytes: Buffer.from(manifest.bytes) })
      return digest
    },
    clear: () => contents.clear(),
    close: async () => {
      for (const server of [registry, store]) {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      }
    },
  }
}

/** As a store reads them: what is handed over whole is encrypted whole, before the first byte goes. */
function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.byteLength; at += PIECE) yield bytes.subarray(at, at + PIECE)
}
