/** A proxy before a registry that does to its clients whatever it is told to. */
import { once } from 'node:events'
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Meddling {
  /** Before the request is passed on; a status is the answer at once. */
  readonly before?: (request: IncomingMessage) => number | undefined
  /** The path that is passed on. */
  readonly path?: (path: string) => string
  readonly headers?: (headers: IncomingHttpHeaders, request: IncomingMessage) => IncomingHttpHeaders
  /** The bytes that come back. */
  readonly body?: (body: Buffer, status: number, request: IncomingMessage) => Buffer
}

export interface Meddler {
  readonly url: string
  close(): Promise<void>
}

export async function startMeddler(registry: string, meddling: Meddling): Promise<Meddler> {
  const {
    before,
    path = (same) => same,
    headers = (same) => same,
    body = (same) => same,
  } = meddling
  const { hostname, port } = new URL(registry)
  const server = createServer((incoming, outgoing) => {
    const status = before?.(incoming)
    if (status !== undefined) {
      incoming.resume()
      outgoing.writeHead(status, { 'content-length': '0', connection: 'close' }).end()
      return
    }
    const { method, url = '' } = incoming
    const passed = { hostname, port, method, path: path(url), headers: incoming.headers }
    const forwarded = request(passed, (answer) => {
      const pieces: Buffer[] = []
      answer.on('data', (piece: Buffer) => pieces.push(piece))
      answer.on('end', () => {
        const { statusCode = 502 } = answer
        const bytes = body(Buffer.concat(pieces), statusCode, incoming)
        const { 'transfer-encoding': _, ...told } = answer.headers
        if (method !== 'HEAD') told['content-length'] = String(bytes.byteLength)
        outgoing.writeHead(statusCode, headers(told, incoming)).end(bytes)
      })
    })
    forwarded.on('error', () => outgoing.destroy())
    incoming.pipe(forwarded)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
