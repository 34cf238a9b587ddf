/** Answers of the admin API. */
import type { AppContext } from '../app-environment.ts'

export function answerJson(
  c: AppContext,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const text = `${JSON.stringify(body)}\n`
  const all = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  }
  return new Response(c.req.method === 'HEAD' ? null : text, { status, headers: all })
}

/** An empty document: clients then check nothing by themselves, and the registry checks all. */
export function answerOpenApi(c: AppContext): Response {
  const protobuf = (c.req.header('accept') ?? '').includes('protobuf')
  const type = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
  if (protobuf)
    return new Response(new Uint8Array(), {
      headers: { 'content-type': type, 'content-length': '0' },
    })
  return answerJson(c, 200, { swagger: '2.0', info: { title: 'Sluice', version: 'v1' }, paths: {} })
}
