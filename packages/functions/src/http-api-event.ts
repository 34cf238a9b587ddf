/** An event of an HTTP API (payload version 2.0) as the request and the bindings that the app knows. */
import type { DoorBindings } from '@sluice/http/door-bindings'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { LightHeaders } from './light-headers.ts'

/** Whom the app hears is in the headers; this only makes a path a URL. */
const BASE = 'http://registry'

/** What cannot stand in an encoded path, so that the gateway must have decoded it; and a percent sign that encodes nothing. */
const DECODED_IN_PATH = /%(?![0-9a-f]{2})|[^!-~]|["#<>?\\^`{|}]/giu

/** The gateway keeps a query as it was sent; but nothing in it may end it. */
const DECODED_IN_QUERY = /[^!-~]|["#<>]/gu

/** https://fetch.spec.whatwg.org/#forbidden-method */
const FORBIDDEN = /^(?:CONNECT|TRACE|TRACK)$/i

/**
 * The path is given percent-decoded (by an HTTP API; function URLs keep it): what was a `%3F` must not begin a query. A
 * `%2F` that became a slash stays one, since nobody can know. Of fetch's `Request` it has what the app reads. Throws a
 * TypeError for what fetch could not hold: a header with bytes beyond Latin-1, a method that it forbids.
 */
export function requestOf(
  event: APIGatewayProxyEventV2,
  remoteAddress: string,
): { readonly request: Request; readonly bindings: DoorBindings } {
  const asked = event.requestContext.http.method
  const query =
    event.rawQueryString === '' ? '' : `?${encoded(event.rawQueryString, DECODED_IN_QUERY)}`
  const url = `${BASE}${encoded(event.rawPath, DECODED_IN_PATH)}${query}`
  const body = bodyOf(event)
  if (FORBIDDEN.test(asked)) throw new TypeError(`the method ${asked}`)
  return {
    request: {
      url: new URL(url).href,
      method: asked === 'HEAD' ? 'GET' : asked,
      headers: headersOf(event, body.byteLength),
      body: null,
    } as unknown as Request,
    bindings: {
      body: once(body),
      remoteAddress,
      losesChallenge: true,
      secure: event.headers['x-forwarded-proto'] === 'https',
      ...(asked === 'HEAD' && { recomputesLength: true }),
    },
  }
}

const encoded = (text: string, pattern: RegExp): string =>
  text.toWellFormed().replace(pattern, encodeURIComponent)

function headersOf(event: APIGatewayProxyEventV2, length: number): LightHeaders {
  const headers = new LightHeaders()
  for (const [name, value] of Object.entries(event.headers)) {
    if (value !== undefined) headers.set(name, value)
  }
  // The gateway read the body to its end: whatever framing the client chose is over.
  headers.delete('transfer-encoding')
  headers.set('content-length', String(length))
  return headers
}

const bodyOf = ({ body, isBase64Encoded }: APIGatewayProxyEventV2): Buffer =>
  Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8')

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes
}
