import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export interface ConnectProxy {
  readonly url: string
  close(): Promise<void>
}

/** Leads every CONNECT, whatever its name, to one port of this machine: so a client can know the registry by a name without DNS. */
export async function startConnectProxy(port: number): Promise<ConnectProxy> {
  const open = new Set<Socket>()
  const keep = (socket: Socket): void => {
    open.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket))
  }
  const proxy = createServer()
  proxy.on('connect', (_request, client: Socket, head: Buffer) => {
    const registry = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      registry.write(head)
      registry.pipe(client).pipe(registry)
    })
    keep(client)
    keep(registry)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    async close() {
      for (const socket of open) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}
