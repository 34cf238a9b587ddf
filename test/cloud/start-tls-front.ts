import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { createServer } from 'node:tls'

export interface TlsFront {
  readonly port: number
  close(): Promise<void>
}

/** Ends TLS before a server that speaks none, as a content delivery network does. */
export async function startTlsFront(
  files: { readonly certFile: string; readonly keyFile: string },
  options: { readonly port: number; readonly to: number },
): Promise<TlsFront> {
  const sockets = new Set<Socket>()
  const secrets = { cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) }
  const front = createServer({ ...secrets, allowHalfOpen: true }, (outer) => {
    const inner = connect({ host: '127.0.0.1', port: options.to, allowHalfOpen: true })
    for (const socket of [outer, inner]) {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      socket.on('error', () => {
        outer.destroy()
        inner.destroy()
      })
    }
    outer.pipe(inner).pipe(outer)
  })
  front.listen(options.port, '127.0.0.1')
  await once(front, 'listening')
  return {
    port: (front.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      front.close()
      await once(front, 'close')
    },
  }
}
