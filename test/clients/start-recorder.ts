import { once } from 'node:events'
import { createServer, request } from 'node:http'

export interface Recorder {
  readonly host: string
  /** `METHOD /path?query -> status` of every exchange, in the order of the answers. */
  readonly exchanges: readonly string[]
  readonly isOpen: boolean
  close(): Promise<void>
}

/** A plain HTTP proxy before a server, to see what a client says to it. */
export async function startRecorder(port: number, ownPort: number): Promise<Recorder> {
  const exchanges: string[] = []
  const proxy = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming
    const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      exchanges.push(`${method} ${url} -> ${answer.statusCode}`)
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  proxy.listen(ownPort, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    host: `127.0.0.1:${ownPort}`,
    exchanges,
    get isOpen() {
      return proxy.listening
    },
    async close() {
      proxy.closeAllConnections()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}
