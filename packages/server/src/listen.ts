/** The door itself: Node's HTTP server around the app, with its time-outs, its refusals and its orderly end. */
import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createNetServer, isIPv6, type Socket } from 'node:net'
import { RegistryError } from '@sluice/core/errors'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { prepareEarlyAnswer } from './early-answer.ts'
import type { Log } from '@sluice/core/ports/log'
import { accessForms } from '@sluice/http/access-forms'
import { RequestLog } from '@sluice/http/request-log'
import type { RequestMeter } from '@sluice/http/request-meter'
import { responseFacts } from '@sluice/http/response-facts'
import { answerMalformedRequests } from './malformed-request.ts'
import { NodeBindings } from './node-bindings.ts'
import { requestSize } from './request-size.ts'
import { sendSource } from './send-source.ts'
import { StartFailure } from './start-failure.ts'

/** Tokens with much access are long; a head beyond this gets 431. */
const MAX_HEADER_BYTES = 16 * 1024

/** For the head of a request alone: its body may take hours. */
const HEADERS_MS = 30_000

/**
 * Of a connection on which nothing moves, within a request or between two. Longer than load balancers keep theirs (60 s),
 * so that none sends into a connection that we just closed.
 */
const IDLE_MS = 120_000

/** Node's own time-out between two requests re-arms a timer with each: a sixth of the cost of a manifest. IDLE_MS serves. */
const KEEP_ALIVE_MS = 0

const OPTIONS: ServerOptions = {
  maxHeaderSize: MAX_HEADER_BYTES,
  headersTimeout: HEADERS_MS,
  requestTimeout: 0,
  keepAliveTimeout: KEEP_ALIVE_MS,
  connectionsCheckingInterval: 5000,
}

export interface App {
  fetch(request: Request, bindings: NodeBindings): Response | Promise<Response>
}

export interface Door {
  /** Where it listens, with the true port even where that is the usual one. */
  readonly url: string
  readonly port: number
  /** Takes no new requests, lets those under way finish, and cuts what is left after so many milliseconds. */
  close(graceMs: number): Promise<void>
}

export async function listen(
  app: App,
  options: {
    readonly address: string
    readonly port: number
    readonly tls?: { readonly cert: Buffer; readonly key: Buffer } | undefined
    readonly log: Log
    /** Whether a line tells of each request. */
    readonly access?: boolean
    readonly meter?: RequestMeter
    readonly idleMs?: number
    readonly shared?: 'first' | 'further' | undefined
  },
): Promise<Door> {
  const { address, port, tls, log, access = false, meter, idleMs = IDLE_MS } = options
  const answers = new WeakMap<Socket, ServerResponse>()
  const requests = { log, access: access ? accessForms(log) : undefined }
  let closing = false

  const settle = (
    response: Response,
    bindings: NodeBindings,
    { incoming, outgoing }: HttpBindings,
  ): Response | Promise<Response> => {
    prepareEarlyAnswer(incoming, outgoing)
    if (closing) outgoing.shouldKeepAlive = false
    const { source } = bindings
    if (source === undefined) {
      end(response, bindings)
      return response
    }
    const sent = { bytes: 0 }
    bindings.measured?.begun()
    return sendSource(outgoing, response, source, sent)
      .catch((error: unknown) => bindings.log?.brokeOff(error))
      .then(() => {
        end(response, bindings, sent.bytes)
        return RESPONSE_ALREADY_SENT
      })
  }
  const answer = getRequestListener(
    (request, env) => {
      // This server speaks no HTTP/2.
      const http = env as HttpBindings
      const bindings = new NodeBindings(http.incoming)
      const began = performance.now()
      bindings.log = new RequestLog(requests, request, bindings, began)
      bindings.measured = meter?.begin(
        request.method,
        http.incoming.url ?? '',
        requestSize(http.incoming),
        began,
      )
      const response = app.fetch(request, bindings)
      return response instanceof Promise
        ? response.then(
            (settled) => settle(settled, bindings, http),
            (error: unknown) => {
              bindings.measured?.end(500, 0)
              throw error
            },
          )
        : settle(response, bindings, http)
    },
    {
      // Its way with an unread body is to reset the connection after half a second.
      autoCleanupIncoming: false,
      errorHandler: (error) => refuse(error, log),
    },
  )
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    answers.set(incoming.socket, outgoing)
    void answer(incoming, outgoing)
  }

  const server =
    tls === undefined
      ? createServer(OPTIONS, listener)
      : createTlsServer({ ...OPTIONS, cert: tls.cert, key: tls.key }, listener)
  answerMalformedRequests(server, (socket) => answers.get(socket))
  server.timeout = idleMs
  server.on('timeout', (socket: Socket) => {
    const current = answers.get(socket)
    const ours = current !== undefined && current.req.complete && !current.headersSent
    // The client waits for us, not we for it.
    if (!ours) socket.destroy()
  })
  const bound = await bind(server, address, port, options.shared)
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${hostOf(address)}:${bound}`,
    port: bound,
    close: (graceMs) => {
      closing = true
      return drain(server, graceMs)
    },
  }
}

/** `written`: bytes of the body, where it was sent piece by piece. */
function end(response: Response, { log, measured }: NodeBindings, written?: number): void {
  const now = performance.now()
  log?.end(response, written, now)
  if (!measured) return
  const { status, length } = responseFacts(response)
  measured.end(status, written ?? length ?? 0, now)
}

const hostOf = (address: string): string => (isIPv6(address) ? `[${address}]` : address)

/** What the app never saw (a Host or a target that is no URL) and what it did not catch. */
function refuse(error: unknown, log: Log): Response {
  if (error instanceof Error && error.name === 'RequestError') {
    const { code, message, details } = new RegistryError('REQUEST_INVALID', error.message)
    const errors = details.map((detail) => ({ code, message, detail }))
    return Response.json({ errors }, { status: 400 })
  }
  log.error('a request failed outside of the app', {}, error)
  return new Response(null, { status: 500 })
}

const LISTEN_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use: choose another with --port or SLUICE_PORT',
  EACCES: 'is not allowed to this user: choose one above 1023 with --port or SLUICE_PORT',
  EADDRNOTAVAIL: 'cannot be opened: the address is not one of this machine',
  ENOTFOUND: 'cannot be opened: the address is not known',
}

/**
 * `shared`: other threads of this process listen here as well. The kernel would let another process of this user in,
 * too, so that an address in use shows only to one who asks for it alone, and first.
 */
async function bind(
  server: Server,
  address: string,
  asked: number,
  shared: 'first' | 'further' | undefined,
): Promise<number> {
  let port = asked
  try {
    if (shared === 'first') port = await freePort(address, asked)
    server.listen({ port, host: address, reusePort: shared !== undefined })
    await once(server, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const problem = LISTEN_PROBLEMS[code] ?? `cannot be opened (${code})`
    throw new StartFailure(`port ${port} on ${address} ${problem}`, { cause: error })
  }
  const bound = server.address()
  return typeof bound === 'object' && bound !== null ? bound.port : port
}

async function freePort(address: string, asked: number): Promise<number> {
  const alone = createNetServer().listen(asked, address)
  await once(alone, 'listening')
  const bound = alone.address()
  alone.close()
  await once(alone, 'close')
  return typeof bound === 'object' && bound !== null ? bound.port : asked
}

async function drain(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  // A connection falls idle when its last response ends, and Node looks for idle ones at `close` alone.
  const idle = setInterval(() => server.closeIdleConnections(), 100)
  const late = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearInterval(idle)
  clearTimeout(late)
}
