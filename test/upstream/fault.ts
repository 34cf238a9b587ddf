import type { OutgoingHttpHeaders } from 'node:http'

/** What a scripted upstream does instead of, or to, its proper answer. */
export type Fault =
  /** This answer, at once. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: OutgoingHttpHeaders
      readonly body?: string | Uint8Array
    }
  /** Nothing, and the connection stays open; after `after` bytes of the body where that is given. */
  | { readonly kind: 'hang'; readonly after?: number }
  /** The connection is reset; after `after` bytes of the body where that is given. */
  | { readonly kind: 'cut'; readonly after?: number }
  /** The body comes in pieces of `bytes`, one each `everyMs`. */
  | { readonly kind: 'drip'; readonly bytes: number; readonly everyMs: number }
  /** The proper answer with these headers changed; `undefined` takes one away. */
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string | undefined>> }
  /** The proper answer with the bits of its first byte turned. */
  | { readonly kind: 'wrong-bytes' }
  /** The whole, with 200, whatever range is asked for. */
  | { readonly kind: 'no-ranges' }

export const hang: Fault = { kind: 'hang' }
export const refuseAll: Fault = { kind: 'cut' }

export const answer = (
  status: number,
  headers: OutgoingHttpHeaders = {},
  body: string | Uint8Array = '',
): Fault => ({ kind: 'answer', status, headers, body })

export const page = (status = 200): Fault =>
  answer(status, { 'content-type': 'text/html; charset=utf-8' }, '<html>Log in</html>')
