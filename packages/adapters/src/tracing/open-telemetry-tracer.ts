/** Spans that go to a collector by OTLP over HTTP; its exporter reads endpoint, headers and time-outs from the environment itself. */
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  defaultTextMapGetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer as Spans,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { OpenSpan, SpanAttributes, SpanFacts, Tracer } from '@sluice/core/ports/tracer'
import type { TracingEnvironment } from './open-tracing.ts'
import { samplerOf } from './sampler-of.ts'

/** For a collector that does not answer: nobody waits longer for what nobody asked for. */
const PATIENCE_MS = 2000

export class OpenTelemetryTracer implements Tracer {
  readonly #provider: TracerProvider
  readonly #spans: Spans
  readonly #propagator = new W3CTraceContextPropagator()
  readonly #within = new AsyncLocalStorage<Context>()

  constructor(env: TracingEnvironment, onProblem: (problem: string) => void) {
    const named = detectResources({ detectors: [envDetector] })
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': 'sluice' }).merge(named),
      sampler: samplerOf(env, onProblem),
      spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
    })
    this.#spans = this.#provider.getTracer('sluice')
  }

  span<T>({ name, kind, attributes = {}, caller }: SpanFacts, work: (span: OpenSpan) => T): T {
    const parent = caller
      ? this.#propagator.extract(ROOT_CONTEXT, told(caller), defaultTextMapGetter)
      : (this.#within.getStore() ?? ROOT_CONTEXT)
    const options = { kind: KINDS[kind], attributes: told(attributes) }
    const span = this.#spans.startSpan(name, options, parent)
    try {
      const answer = this.#within.run(trace.setSpan(parent, span), () => work(openSpan(span)))
      if (!(answer instanceof Promise)) {
        span.end()
        return answer
      }
      answer.then(
        () => span.end(),
        (error: unknown) => endFailed(span, error),
      )
      return answer
    } catch (error) {
      endFailed(span, error)
      throw error
    }
  }

  async flush(): Promise<void> {
    await this.#patiently(this.#provider.forceFlush())
  }

  async close(): Promise<void> {
    await this.#patiently(this.#provider.shutdown())
  }

  async #patiently(work: Promise<void>): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, PATIENCE_MS)
    // Spans that are lost are no failure of the registry.
    await Promise.race([work.catch(() => undefined), late])
    clearTimeout(timer)
  }
}

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT } as const

const openSpan = (span: Span): OpenSpan => ({
  set: (attributes) => void span.setAttributes(told(attributes)),
  failed: () => void span.setStatus({ code: SpanStatusCode.ERROR }),
})

function endFailed(span: Span, error: unknown): void {
  const type = error instanceof Error ? error.name : 'unknown'
  span.setAttribute('error.type', type)
  span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}

function told<V extends SpanAttributes[string]>(
  attributes: Readonly<Record<string, V>>,
): Record<string, NonNullable<V>> {
  const known = Object.entries(attributes).filter(
    (entry): entry is [string, NonNullable<V>] => entry[1] !== undefined,
  )
  return Object.fromEntries(known)
}
