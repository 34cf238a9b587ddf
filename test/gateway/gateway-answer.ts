export interface GatewayAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** How an HTTP API speaks for itself. */
export function messageAnswer(status: number, message: string): GatewayAnswer {
  const body = Buffer.from(JSON.stringify({ message }))
  const headers = { 'content-type': 'application/json', 'content-length': String(body.byteLength) }
  return { status, headers, body }
}
