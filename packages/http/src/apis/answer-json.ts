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
