import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** A client of bytes: what it is sent can be malformed, slow, cut off or far too much. */
export class RawConnection {
  readonly socket: Socket
  #received = ''
  #ended = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => (this.#received += chunk.toString('latin1')))
    socket.on('end', () => (this.#ended = true))
    // A reset is what some tests provoke; `closed` is how they see it.
    socket.on('error', () => undefined)
  }

  static async open(url: string): Promise<RawConnection> {
    const { protocol, hostname, port } = new URL(url)
    const to = { host: hostname, port: Number(port), allowHalfOpen: true }
    const secure = protocol === 'https:'
    const socket = secure ? connectTls({ ...to, rejectUnauthorized: false }) : connect(to)
    await once(socket, secure ? 'secureConnect' : 'connect')
    return new RawConnection(socket)
  }

  get received(): string {
    return this.#received
  }

  /** The server has ended its half properly, rather than by a reset. */
  get ended(): boolean {
    return this.#ended
  }

  send(text: string): void {
    this.socket.write(text.replaceAll('\n', '\r\n'))
  }

  /** Sends zeros as fast as they are taken; answers how many were, when all are or the connection is over. */
  async pour(bytes: number): Promise<number> {
    const piece = Buffer.alloc(256 * 1024)
    let sent = 0
    while (sent < bytes && this.socket.writable) {
      sent += piece.byteLength
      if (!this.socket.write(piece)) await this.#taken()
    }
    return sent
  }

  #taken(): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        this.socket.off('drain', go).off('close', go)
        resolve()
      }
      this.socket.on('drain', go).on('close', go)
    })
  }

  async until(pattern: RegExp): Promise<void> {
    for (const deadline = Date.now() + 10_000; !pattern.test(this.#received);) {
      if (Date.now() > deadline) throw new Error(`${pattern} is not in ${this.#received}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  async untilEnded(): Promise<void> {
    for (const deadline = Date.now() + 15_000; !this.#ended && !this.socket.destroyed;) {
      if (Date.now() > deadline) throw new Error('the connection stays open')
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}
