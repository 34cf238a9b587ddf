import { once } from 'node:events'
import { request, type Agent, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Ask } from './answer.ts'

/** Node's own client, which sends what it is told and hides nothing of what comes. */
export function askOverASocket(url: string, agent: Agent): Ask {
  const { hostname, port } = new URL(url)
  return async ({ method = 'GET', path, headers = {}, body }) => {
    const outgoing = request({ hostname, port, method, path, headers: { ...headers }, agent })
    const response = once(outgoing, 'response')
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
      outgoing.setHeader('Content-Length', body === undefined ? 0 : Buffer.byteLength(body))
      outgoing.end(body)
    } else {
      // An answer that comes before the body's end breaks the body off.
      await Promise.race([pipeline(Readable.from(body), outgoing).catch(() => undefined), response])
    }
    const [incoming] = (await response) as [IncomingMessage]
    const content = Buffer.concat(await Array.fromAsync<Buffer>(incoming))
    return { status: incoming.statusCode ?? 0, headers: plain(incoming), body: content }
  }
}

function plain(incoming: IncomingMessage): Record<string, string> {
  const entries = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])
  return Object.fromEntries(entries)
}
