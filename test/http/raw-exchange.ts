import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RawAnswer {
  /** 0 where nothing came. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** How many answers came on the connection. */
  readonly answers: number
}

const WAIT_MS = 10_000

/**
 * Sends exactly these bytes, ends its half when it is told to, and reads until the server closes; a server that keeps
 * the connection is left a moment after its last byte.
 */
export async function rawExchange(
  url: string,
  bytes: string | Uint8Array,
  { half = false, quiet = 300 }: { readonly half?: boolean; readonly quiet?: number } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  let received = ''
  let last = Date.now()
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1')
    last = Date.now()
  })
  const ended = new AbortController()
  for (const event of ['end', 'close', 'error']) socket.on(event, () => ended.abort())
  await once(socket, 'connect')
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  if (half) socket.end()
  const deadline = Date.now() + WAIT_MS
  while (!ended.signal.aborted && Date.now() < deadline) {
    if (received !== '' && Date.now() - last > quiet) break
    await sleep(5)
  }
  socket.destroy()
  return parse(received)
}

function parse(received: string): RawAnswer {
  const end = received.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = received.slice(0, end).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0),
    headers,
    body: received.slice(end + 4),
    answers: received.match(/^HTTP\/1\.1 \d{3}/gm)?.length ?? 0,
  }
}
