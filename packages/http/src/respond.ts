/**
 * A response under /v2. Headers are given as a plain object: the Node door writes such an answer without building
 * fetch's own objects for it.
 */
import { withFacts } from './response-facts.ts'

export type PlainHeaders = { [name: string]: string }

/**
 * `Docker-Distribution-Api-Version`: old dockers look for it (distribution's API). `nosniff`: no browser may take what a
 * client pushed for a page.
 */
export function respond(
  status: number,
  headers: PlainHeaders,
  body: Uint8Array | string | ReadableStream<Uint8Array> | null = null,
): Response {
  headers['Docker-Distribution-Api-Version'] = 'registry/2.0'
  headers['X-Content-Type-Options'] = 'nosniff'
  const response = new Response(
    body as Exclude<typeof body, Uint8Array> | Uint8Array<ArrayBuffer>,
    {
      status,
      headers,
    },
  )
  const length = lengthOf(body, headers['Content-Length'])
  return withFacts(response, { status, contentType: headers['Content-Type'], length })
}

function lengthOf(
  body: Uint8Array | string | ReadableStream<Uint8Array> | null,
  said: string | undefined,
): number | undefined {
  if (body === null) return 0
  if (said !== undefined) return Number(said)
  if (typeof body === 'string') return Buffer.byteLength(body)
  return body instanceof Uint8Array ? body.byteLength : undefined
}

export const respondJson = (content: unknown, headers: PlainHeaders = {}): Response => {
  headers['Content-Type'] ??= 'application/json'
  return respond(200, headers, JSON.stringify(content))
}
