/** What a door gives the app besides the request: what fetch's `Request` cannot carry, or only slowly. */
import type { Pieces } from '@sluice/core/ports/blob-store'
import type { RequestLog } from './request-log.ts'

/** Those of a request that the log tells. */
export type LoggedHeader = 'content-type' | 'host' | 'referer' | 'user-agent'

export interface DoorBindings {
  /** The request's bytes as they come; without it the app reads `Request.body`. */
  readonly body?: AsyncIterable<Uint8Array>
  /** Who is connected; for rate limits and logs. Never taken from a header. */
  readonly remoteAddress?: string
  /** Whether the client speaks TLS to the registry's public name. */
  readonly secure?: boolean
  /**
   * The client asked HEAD, and what stands before the door makes that answer from the one to GET: it drops the body and
   * says its length, whatever length the app says (an HTTP API of AWS does).
   */
  readonly recomputesLength?: boolean
  /** What stands before the door may rename WWW-Authenticate: a client would not learn which token it lacks. */
  readonly losesChallenge?: boolean
  /** What the log says of this request. */
  readonly log?: RequestLog

  /** As the client sent it, for the log alone. Without it the log reads `Request.headers`. */
  header?(name: LoggedHeader): string | undefined

  /**
   * Makes these bytes the body of the response that the app is about to return, which has none itself and names its
   * Content-Length; faster than a stream. Without it the app answers with a stream.
   */
  send?(source: Pieces): void
}
