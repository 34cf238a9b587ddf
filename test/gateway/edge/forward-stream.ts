/** The way to an origin that streams: bytes pass as they come, and are never kept. */
import { once } from 'node:events'
import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Headers } from '../gateway-request.ts'

/**
 * Forwards the request to `origin` and its answer to the viewer. `halfDuplex`: of the answer nothing is read before the
 * whole body was sent. Answers 502 for an origin that is not there, or goes away before it answers.
 */
export async function forwardStream(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  options: {
    readonly origin: string
    readonly headers: Headers
    readonly halfDuplex: boolean
    readonly answerHeaders: (headers: Record<string, string>) => Record<string, string>
  },
): Promise<void> {
  const { origin, headers, halfDuplex, answerHeaders } = options
  const { hostname, port } = new URL(origin)
  const forwarded = request({
    hostname,
    port,
    method: incoming.method,
    path: incoming.url,
    headers: Object.fromEntries(
      // Of some headers Node takes no list.
      Object.entries(headers).map(([name, values]) => [
        name,
        values.length === 1 ? values[0] : [...values],
      ]),
    ),
  })
  const answered = once(forwarded, 'response')
  answered.catch(() => undefined)
  incoming.once('aborted', () => forwarded.destroy())
  try {
    const sent = pipeline(incoming, forwarded)
    sent.catch(() => undefined)
    if (halfDuplex) await sent
    const [answer] = (await answered) as [IncomingMessage]
    const named = Object.entries(answer.headers).map(([name, value]) => [name, String(value)])
    const passed = answerHeaders(Object.fromEntries(named) as Record<string, string>)
    delete passed['connection']
    delete passed['keep-alive']
    outgoing.writeHead(answer.statusCode ?? 502, passed)
    await pipeline(answer, outgoing)
  } catch {
    if (outgoing.headersSent) outgoing.destroy()
    else outgoing.writeHead(502, { 'content-length': 0 }).end()
  }
}
