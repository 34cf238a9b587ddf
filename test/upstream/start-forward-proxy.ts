import { once } from 'node:events'
import { createServer, request as requestHttp } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ForwardProxy {
  readonly url: string
  /** The URLs that it was asked for, in order. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

/** An operator's proxy for http. It leads every request, whatever its host, to one port of this machine. */
export async function startForwardProxy(port: string): Promise<ForwardProxy> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const { method, headers, url = '' } = request
    asked.push(url)
    const { pathname, search } = new URL(url)
    const options = { host: '127.0.0.1', port, method, path: pathname + search, headers }
    const passed = requestHttp(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    passed.on('error', () => response.destroy()).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: own } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${own}`,
    asked,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
