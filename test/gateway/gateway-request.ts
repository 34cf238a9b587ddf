/** A request within the gateway, its body read to the end. */
export interface GatewayRequest {
  readonly method: string
  /** Path and query, as the client sent them. */
  readonly target: string
  /** By name in lower case, each value as often as it came. */
  readonly headers: Headers
  readonly body: Buffer
  /** Who is connected to the HTTP API. */
  readonly sourceIp: string
}

export type Headers = Readonly<Record<string, readonly string[]>>
