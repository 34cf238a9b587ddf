/** Where it is written down how long the parts of a request took, for those who look at traces. */

export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>

export interface SpanFacts {
  readonly name: string
  /** `server`: of a request that came; `client`: of something that is asked of others. */
  readonly kind: 'server' | 'client'
  readonly attributes?: SpanAttributes
  /** What the caller says of his own trace (W3C Trace Context). */
  readonly caller?: {
    readonly traceparent?: string | undefined
    readonly tracestate?: string | undefined
  }
}

export interface OpenSpan {
  set(attributes: SpanAttributes): void
  /** It ended as a failure of ours. */
  failed(): void
}

export interface Tracer {
  /**
   * Does the work and answers what it answers; a span begun in it is a child of this one. What the work throws is thrown on, and
   * its name alone is noted: messages may hold what is nobody's business. Nothing else here throws.
   */
  span<T>(facts: SpanFacts, work: (span: OpenSpan) => T): T
  /** Sends what has ended; gives up after a while. */
  flush(): Promise<void>
  /** The same, and nothing is noted any more. */
  close(): Promise<void>
}
