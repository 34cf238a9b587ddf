/**
 * Stands between an SDK and a service, and passes on what either says byte for byte, Host included: S3 checks the
 * signature over it. Counts every call, and lets faults strike those that were chosen.
 */
import { once } from 'node:events'
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { callName } from './call-name.ts'
import type { Call, Calls, FaultKind } from './calls.ts'
import { faultAnswer } from './fault-answer.ts'

/** Shorter than any service keeps an idle connection: a call on one that is just ending would fail by chance. */
const IDLE_MS = 3000

/** How long a connection without an answer stays open. */
const HOLD_MS = 4000

const REFUSALS: ReadonlySet<FaultKind> = new Set(['error', 'throttle', 'conflict'])

export interface Proxy {
  /** `http://host:port`, without a slash at its end; the host is the service's. */
  readonly url: string
  close(): Promise<void>
}

/** `upstream`: the service's URL. Several proxies may share one list of calls. */
export async function startProxy(upstream: string, calls: Calls): Promise<Proxy> {
  const { hostname, port } = new URL(upstream)
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS })

  const serve = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const call = enter(incoming, calls)
    if (call?.fault === 'reset') incoming.socket.destroy()
    else if (call?.fault === 'timeout') hold(incoming, outgoing, call)
    else if (call?.fault && REFUSALS.has(call.fault)) refuse(incoming, outgoing, call)
    else forward(incoming, outgoing, call)
  }

  const forward = (
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    call: Call | undefined,
  ): void => {
    const passed = request({
      host: '127.0.0.1',
      port,
      agent,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.rawHeaders,
      setHost: false,
    })
    const fail = (): void => void incoming.socket.destroy()
    passed.on('continue', () => outgoing.writeContinue())
    passed.on('error', fail)
    passed.on('response', (answer) => {
      answer.on('error', fail)
      if (call) watch(answer, call)
      if (call?.fault === 'lost') {
        call.struck?.()
        answer.on('end', fail)
        return
      }
      const begin = (): void => {
        outgoing.sendDate = false
        outgoing.writeHead(answer.statusCode ?? 0, answer.statusMessage, answer.rawHeaders)
      }
      if (call?.fault === 'cut') {
        answer.once('data', (piece: Buffer) => {
          begin()
          outgoing.write(piece.subarray(0, piece.length / 2))
        })
        answer.on('end', () => outgoing.socket?.end())
        return
      }
      begin()
      answer.pipe(outgoing)
    })
    // A client that goes away in the middle of its request leaves the service half of one.
    outgoing.on('close', () => {
      if (!incoming.complete || !call?.fault) passed.destroy()
    })
    // Its sender waits for the service's word before it sends the rest.
    if (incoming.headers.expect !== undefined) passed.flushHeaders()
    incoming.pipe(passed)
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, serve)
  server.on('checkContinue', serve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    server.close()
    server.closeAllConnections()
    agent.destroy()
    if (server.listening) await once(server, 'close')
  }
  return { url: `http://${hostname}:${(server.address() as AddressInfo).port}`, close }
}

/** What a client of the registry fetches by a URL that it was given is no call of the registry's. */
function enter(incoming: IncomingMessage, calls: Calls): Call | undefined {
  const { method = '', url: target = '', headers } = incoming
  if (target.includes('X-Amz-Signature=')) return undefined
  const name = callName({ method, target, headers })
  // Of a transaction's repetition everything but the signature is the same.
  const call = calls.enter(name, `${name} ${target} ${headers['content-length']}`)
  incoming.on('data', (piece: Buffer) => {
    call.sent += piece.byteLength
  })
  return call
}

function watch(answer: IncomingMessage, call: Call): void {
  call.status = answer.statusCode ?? 0
  answer.on('data', (piece: Buffer) => {
    call.received += piece.byteLength
  })
}

function takeIn(incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (incoming.headers.expect !== undefined) outgoing.writeContinue()
  incoming.resume()
}

/** A client whose own time-out is longer than this has another chance to hear that nobody answers. */
function hold(incoming: IncomingMessage, outgoing: ServerResponse, call: Call): void {
  takeIn(incoming, outgoing)
  call.struck?.()
  const timer = setTimeout(() => incoming.socket.destroy(), HOLD_MS)
  outgoing.on('close', () => clearTimeout(timer))
}

function refuse(incoming: IncomingMessage, outgoing: ServerResponse, call: Call): void {
  takeIn(incoming, outgoing)
  incoming.on('end', () => {
    const { status, contentType, body } = faultAnswer(call.name, call.fault ?? 'error')
    call.status = status
    const headers = { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) }
    outgoing.writeHead(status, headers).end(incoming.method === 'HEAD' ? undefined : body)
  })
}
