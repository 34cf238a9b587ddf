/** An upstream of images with one layer each, too large to be kept in memory; it does with a layer as it is told. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { digestOfBytes, makeManifest, type MadeManifest } from '../../upstream/upstream-content.ts'
import type { PatternBlob } from './pattern-blob.ts'

export interface Transfer {
  readonly digest: string
  /** Where it began, and where it stands. */
  readonly start: number
  at: number
}

/** What happens to a transfer once it has come so far in the blob. */
export type Mischief =
  | { readonly at: number; readonly does: 'hang' | 'wrong-byte' }
  /** Once `isDue`: the end of a connection may take back what had not been read. */
  | { readonly at: number; readonly does: 'cut'; readonly isDue?: () => boolean }
  /** A byte each second. */
  | { readonly at: number; readonly does: 'drip' }

export interface LargeUpstream {
  readonly url: string
  /** Every answer with bytes of a layer, in order. */
  readonly transfers: Transfer[]
  /** Each happens once, to the first transfer that comes there. */
  readonly mischief: Mischief[]
  /** Puts it into `team/app` under the tag, as an image of that layer; `size`: what its manifest says of it. */
  put(tag: string, layer: PatternBlob, size?: number): MadeManifest
  close(): Promise<void>
}

const CONFIG = Buffer.from('{}')

export async function startLargeUpstream(): Promise<LargeUpstream> {
  const manifests = new Map<string, MadeManifest>()
  const layers = new Map<string, PatternBlob>()
  const transfers: Transfer[] = []
  const mischief: Mischief[] = []

  const sendLayer = async (response: ServerResponse, layer: PatternBlob): Promise<void> => {
    const range = /^bytes=(\d+)-$/.exec(response.req.headers.range ?? '')
    const start = Number(range?.[1] ?? 0)
    response.writeHead(range ? 206 : 200, {
      'content-type': 'application/octet-stream',
      'content-length': layer.size - start,
      ...(range && { 'content-range': `bytes ${start}-${layer.size - 1}/${layer.size}` }),
    })
    if (response.req.method === 'HEAD') return void response.end()
    const transfer: Transfer = { digest: layer.digest, start, at: start }
    transfers.push(transfer)
    while (transfer.at < layer.size && !response.destroyed) {
      const next = mischief.findIndex(({ at }) => at >= transfer.at)
      const one = mischief[next]
      if (one?.at === transfer.at) {
        mischief.splice(next, 1)
        if (one.does === 'hang') return
        if (one.does === 'cut') {
          while (one.isDue?.() === false) await sleep(5)
          return void response.socket?.destroy()
        }
        while (one.does === 'drip' && !response.destroyed) {
          response.write(layer.piece(transfer.at, 1))
          transfer.at++
          await sleep(1000)
        }
      }
      const room = one && one.at > transfer.at ? one.at - transfer.at : Infinity
      const piece = Buffer.from(layer.piece(transfer.at, room))
      if (one?.does === 'wrong-byte' && one.at === transfer.at) piece[0]! ^= 1
      transfer.at += piece.byteLength
      if (!response.write(piece)) await hasRoom(response)
    }
    response.end()
  }

  const server = createServer((request, response) => {
    const [, kind, name = ''] =
      /^\/v2\/team\/app\/(manifests|blobs)\/(.+)$/.exec(request.url ?? '') ?? []
    const layer = layers.get(name)
    if (layer) return void sendLayer(response, layer).catch(() => response.destroy())
    const manifest = kind === 'manifests' ? manifests.get(name) : undefined
    const body = name === digestOfBytes(CONFIG) ? CONFIG : manifest?.bytes
    const { mediaType = 'application/octet-stream' } = manifest ?? {}
    response.writeHead(body ? 200 : 404, {
      'content-type': mediaType,
      'content-length': body?.byteLength ?? 0,
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    transfers,
    mischief,
    put(tag, layer, size = layer.size) {
      const { digest } = layer
      const manifest = makeManifest(OCI_MANIFEST, {
        config: {
          mediaType: 'application/vnd.oci.image.config.v1+json',
          digest: digestOfBytes(CONFIG),
          size: CONFIG.byteLength,
        },
        layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size }],
      })
      layers.set(digest, layer)
      manifests.set(tag, manifest)
      manifests.set(manifest.digest, manifest)
      return manifest
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Once more may be written, or nobody reads any more. */
const hasRoom = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const over = (): void => {
      response.off('drain', over).off('close', over)
      resolve()
    }
    response.on('drain', over).on('close', over)
  })
