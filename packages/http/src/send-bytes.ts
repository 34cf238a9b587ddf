/** A response whose bytes come from the blob store: by the door's own way where it has one, else as a stream. */
import type { Pieces } from '@sluice/core/ports/blob-store'
import type { AppContext } from './app-environment.ts'
import { respond, type PlainHeaders } from './respond.ts'
import { streamOf } from './stream-of.ts'

export function sendBytes(
  c: AppContext,
  status: number,
  headers: PlainHeaders,
  source: Pieces,
): Response {
  if (!c.env?.send) return respond(status, headers, streamOf(source))
  c.env.send(source)
  return respond(status, headers)
}
