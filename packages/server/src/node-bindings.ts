/** What the Node door gives the app beside the request. */
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { LoggedHeader } from '@sluice/http/door-bindings'
import type { RequestLog } from '@sluice/http/request-log'
import type { MeasuredRequest } from '@sluice/http/request-meter'

export class NodeBindings {
  readonly #incoming: IncomingMessage
  #source: AsyncIterable<Uint8Array> | undefined
  #address: string | undefined
  /** Set by the door before the app sees the request. */
  log: RequestLog | undefined
  measured: MeasuredRequest | undefined

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming
  }

  /**
   * The request's bytes as they come off the socket, once. Throws (`code` is `ECONNRESET`) when the client goes away
   * before the end. Stopping early leaves the connection open, so that the client can be told why.
   */
  get body(): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => this.#incoming.iterator({ destroyOnReturn: false }) }
  }

  get remoteAddress(): string {
    return this.#address ?? this.#incoming.socket.remoteAddress ?? ''
  }

  /** For a door whose connections come from something that says whose they are. */
  comesFrom(address: string): void {
    this.#address = address
  }

  header(name: LoggedHeader): string | undefined {
    return this.#incoming.headers[name]
  }

  get secure(): boolean {
    return this.#incoming.socket instanceof TLSSocket
  }

  /**
   * Makes these bytes the body of the response that the app is about to return, which itself has none. The next chunk
   * is asked for only when the socket has taken the one before, whose memory may then be used again. The response must
   * name its `content-length`.
   */
  send(source: AsyncIterable<Uint8Array>): void {
    this.#source = source
  }

  /** For the door alone. */
  get source(): AsyncIterable<Uint8Array> | undefined {
    return this.#source
  }
}
