/** A line to a far server: what goes through a connection comes after a delay, and no faster than the line's rate. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface FarLine {
  /** `http:` or `https:`, as the far server's. */
  readonly url: string
  close(): Promise<void>
}

/** Each connection has a rate of its own each way, as each client of a large registry has; a handshake of TCP takes no time. */
export async function startFarLine(
  target: string,
  line: { readonly bytesPerSecond: number; readonly roundTripMs: number },
): Promise<FarLine> {
  const { hostname, port, protocol } = new URL(target)
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from)
      from.on('close', () => {
        open.delete(from)
        if (from.errored) to.destroy()
      })
      from.on('error', () => to.destroy())
      send(from, to, line)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `${protocol}//127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function send(
  from: Socket,
  to: Socket,
  line: { readonly bytesPerSecond: number; readonly roundTripMs: number },
): void {
  const delay = line.roundTripMs / 2
  const perMs = line.bytesPerSecond / 1000
  // What is under way, and as much again, so that the line never runs dry.
  const most = Math.max(2 * delay * perMs, 1_000_000)
  const sent: { readonly bytes: Buffer | undefined; readonly due: number }[] = []
  let underWay = 0
  let free = 0
  let timer: NodeJS.Timeout | undefined
  let blocked = false
  const put = (bytes: Buffer | undefined): void => {
    const due = Math.max(performance.now() + delay, free)
    free = due + (bytes?.byteLength ?? 0) / perMs
    // The last byte of a piece comes when its time on the line is over.
    sent.push({ bytes, due: free })
    underWay += bytes?.byteLength ?? 0
    if (underWay > most) from.pause()
    deliver()
  }
  const deliver = (): void => {
    while (!blocked && sent[0] && sent[0].due <= performance.now()) {
      const { bytes } = sent.shift()!
      if (!bytes) return void to.end()
      underWay -= bytes.byteLength
      if (underWay <= most) from.resume()
      blocked = !to.write(bytes)
    }
    if (blocked || timer || !sent[0]) return
    timer = setTimeout(
      () => {
        timer = undefined
        deliver()
      },
      Math.max(1, sent[0].due - performance.now()),
    )
  }
  from.on('data', put)
  from.on('end', () => put(undefined))
  to.on('drain', () => {
    blocked = false
    deliver()
  })
}
