import type { Tracer } from '../ports/tracer.ts'
import type { UpstreamDialer } from '../ports/upstream.ts'
import { tracedPort } from './traced-port.ts'

/** The same dialer; each question to an upstream is a span. An upstream is told nothing of it. */
export const tracedDialer = (dialer: UpstreamDialer, tracer: Tracer): UpstreamDialer => ({
  dial: (name, settings, via) =>
    tracedPort(dialer.dial(name, settings, via), 'Upstream', tracer, { 'sluice.upstream': name }),
})
