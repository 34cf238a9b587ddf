/**
 * A response under /v2. Headers are given as a plain object: the Node door writes such an answer without building
 * fetch's own objects for it.
 */

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
  return new Response(body as Exclude<typeof body, Uint8Array> | Uint8Array<ArrayBuffer>, {
    status,
    headers,
  })
}

export const respondJson = (content: unknown, headers: PlainHeaders = {}): Response => {
  headers['Content-Type'] ??= 'application/json'
  return respond(200, headers, JSON.stringify(content))
}
