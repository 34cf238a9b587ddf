/** One request and its whole answer, as they are on the wire: no redirect is followed, and a body streams. */
import { request as requestHttp, type IncomingHttpHeaders } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { RequestOptions } from 'node:https'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Server } from '../api-client.ts'

export interface Body {
  readonly bytes: number
  readonly pieces: Iterable<Uint8Array>
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** While nothing moves. */
const IDLE_MS = 120_000

/** `server`: whose certificate authority is believed for its own address, and for no other. */
export function exchange(
  { server, certificateAuthority, insecure }: Server,
  url: URL,
  {
    method,
    headers = {},
    body,
  }: {
    readonly method: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: Body
  },
): Promise<Answer> {
  const isOwn = url.origin === new URL(server).origin
  const options: RequestOptions = {
    method,
    timeout: IDLE_MS,
    headers: {
      ...headers,
      ...(body || method === 'POST' || method === 'PUT'
        ? { 'Content-Length': String(body?.bytes ?? 0) }
        : {}),
    },
    ...(isOwn && certificateAuthority !== undefined
      ? { ca: readFileSync(certificateAuthority) }
      : {}),
    ...(isOwn && insecure === true ? { rejectUnauthorized: false } : {}),
  }
  return new Promise((resolve, reject) => {
    const asked = (url.protocol === 'https:' ? requestHttps : requestHttp)(
      url,
      options,
      (answer) => {
        const pieces: Buffer[] = []
        answer.on('data', (piece: Buffer) => pieces.push(piece))
        answer.on('error', reject)
        answer.on('end', () => {
          const { statusCode: status = 0, headers } = answer
          resolve({ status, headers, body: Buffer.concat(pieces) })
        })
      },
    )
    asked.on('timeout', () =>
      asked.destroy(new Error(`${url.host} was silent for ${IDLE_MS / 1000} s`)),
    )
    asked.on('error', reject)
    if (!body) asked.end()
    // Who refuses early may close before all was sent: the answer, if one came, says more than that.
    else pipeline(Readable.from(body.pieces), asked).catch(() => undefined)
  })
}
