/** Stands before a server and breaks connections in the middle of what it answers. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface CuttingServer {
  readonly url: string
  /** Each number is how many bytes of answers one more connection carries before it breaks; others stay whole. */
  cut(...after: readonly number[]): void
  /** Connections that are open now. */
  open(): number
  close(): Promise<void>
}

export async function startCuttingServer(upstream: string): Promise<CuttingServer> {
  const { hostname, port } = new URL(upstream)
  const cuts: number[] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const passed = connect(Number(port), '127.0.0.1')
    let left = Infinity
    sockets.add(client)
    client.on('close', () => {
      sockets.delete(client)
      passed.destroy()
    })
    client.on('error', () => undefined)
    passed.on('error', () => client.destroy())
    passed.on('close', () => client.destroy())
    client.on('data', (piece) => {
      if (left === Infinity) left = cuts.shift() ?? Infinity
      passed.write(piece)
    })
    passed.on('data', (piece) => {
      left -= piece.byteLength
      if (left < 0) client.resetAndDestroy()
      else if (!client.write(piece)) {
        passed.pause()
        client.once('drain', () => passed.resume())
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: own } = server.address() as AddressInfo
  return {
    url: `http://${hostname}:${own}`,
    cut: (...after) => cuts.push(...after),
    open: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
