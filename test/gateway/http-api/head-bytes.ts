import type { GatewayRequest } from '../gateway-request.ts'

/** Bytes of request line and headers, as they are on the wire. */
export function headBytes({ method, target, headers }: GatewayRequest): number {
  let bytes = Buffer.byteLength(`${method} ${target} HTTP/1.1\r\n\r\n`)
  for (const [name, values] of Object.entries(headers)) {
    for (const value of values) bytes += Buffer.byteLength(`${name}: ${value}\r\n`, 'latin1')
  }
  return bytes
}
