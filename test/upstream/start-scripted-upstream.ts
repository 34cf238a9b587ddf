/**
 * A registry to read from, over real sockets, that does as it is told and counts what it is asked. Without any of that it
 * behaves as a good registry does: HEAD with a digest, ranges, pages of tags, the API of referrers.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Fault } from './fault.ts'
import { inRange, parsePath, properAnswer, type RequestKind } from './proper-answer.ts'
import { ScriptedContent } from './scripted-content.ts'
import { ScriptedTokenService, type ScriptedLogin } from './scripted-token-service.ts'
import { sendScripted } from './send-scripted.ts'

export interface SeenRequest {
  readonly kind: RequestKind
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface ScriptedOptions {
  /** Serves https. */
  readonly tls?: { readonly key: string; readonly cert: string }
  readonly address?: string
}

export interface ScriptedUpstream {
  /** Put images here (`putImage`). */
  readonly content: ScriptedContent
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** The same server by another name: `http://localhost:<port>`; blobs are redirected here, with `?signature=`. */
  readonly storeUrl: string
  /** Every request since the start or `forget`, in order. */
  readonly requests: readonly SeenRequest[]
  count(kind: RequestKind): number
  forget(): void
  /** From now on, until it is set anew. `undefined`: whoever asks may pull. */
  login: ScriptedLogin | undefined
  /** Blobs are answered 307 to `storeUrl`, which refuses whoever comes with Authorization, as S3 does. */
  redirectsBlobs: boolean
  hasReferrers: boolean
  tagsPerPage: number
  readonly tokens: ScriptedTokenService
  /** The next `times` requests of that kind (all, without it) meet the fault, those after it the one set before. */
  fail(kind: RequestKind | 'any', fault: Fault, times?: number): void
  /** No faults any more; what hangs goes on hanging. */
  heal(): void
  /** Connections that were opened since the start. */
  connections(): number
  /** Ends all connections, also those that hang. */
  close(): Promise<void>
}

export async function startScriptedUpstream(
  options: ScriptedOptions = {},
): Promise<ScriptedUpstream> {
  const { tls, address = '127.0.0.1' } = options
  const faults: { kind: RequestKind | 'any'; fault: Fault; left: number }[] = []
  const requests: SeenRequest[] = []
  const sockets = new Set<Socket>()
  let accepted = 0

  const faultOf = (kind: RequestKind): Fault | undefined => {
    const found = faults.findLast((one) => one.left > 0 && ['any', kind].includes(one.kind))
    if (found) found.left--
    return found?.fault
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', headers, url: target = '' } = request
    const asked = new URL(target, upstream.url)
    const isStore = asked.searchParams.has('signature')
    const parsed = parsePath(method, asked.pathname)
    const kind = isStore ? 'store' : parsed.kind
    let body = ''
    for await (const piece of request.setEncoding('utf8')) body += String(piece)
    requests.push({ kind, method, url: target, headers, body })
    const fault = faultOf(kind)
    const send = (proper: Parameters<typeof sendScripted>[1]): Promise<void> =>
      sendScripted(response, proper, fault)

    const { login } = upstream
    if (kind === 'token' && login) {
      return send(upstream.tokens.answer(request, asked, body, login))
    }
    if (isStore && headers.authorization !== undefined) {
      return send({ status: 400, headers: { 'content-type': 'application/xml' }, body: '<Error/>' })
    }
    if (login && !isStore) {
      const { authorization } = headers
      const { url } = upstream
      const challenge = upstream.tokens.challenge(authorization, parsed.repository, login, url)
      if (challenge !== undefined) {
        return send({ status: 401, headers: { 'www-authenticate': challenge }, body: '{}' })
      }
    }
    const proper = properAnswer(upstream.content, parsed, asked.searchParams, upstream)
    const isBlob = parsed.kind === 'blob-get' || parsed.kind === 'blob-head'
    if (isBlob && upstream.redirectsBlobs && !isStore && proper.status === 200) {
      const location = `${upstream.storeUrl}${asked.pathname}?signature=secret`
      return send({ status: 307, headers: { location }, body: '' })
    }
    const range = isBlob && fault?.kind !== 'no-ranges' ? headers.range : undefined
    return send(inRange(proper, range))
  }

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    serve(request, response).catch(() => response.destroy())
  }
  const server = tls ? createSecureServer(tls, listener) : createServer(listener)
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    accepted++
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  })
  server.listen(0, address)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const scheme = tls ? 'https' : 'http'

  const upstream: ScriptedUpstream = {
    content: new ScriptedContent(),
    url: `${scheme}://${address}:${port}`,
    storeUrl: `${scheme}://localhost:${port}`,
    requests,
    count: (kind) => requests.filter((request) => request.kind === kind).length,
    forget: () => void requests.splice(0),
    login: undefined,
    redirectsBlobs: false,
    hasReferrers: true,
    tagsPerPage: 1000,
    tokens: new ScriptedTokenService(),
    fail: (kind, fault, times = Infinity) => void faults.push({ kind, fault, left: times }),
    heal: () => void faults.splice(0),
    connections: () => accepted,
    async close() {
      server.close()
      server.closeAllConnections()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
  return upstream
}
