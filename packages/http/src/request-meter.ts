/**
 * What is measured of each request, as OpenShift's registry measures it: around the whole app, but not of those who only ask
 * whether it lives. The door begins and ends it.
 */
import type { Counter, Gauge, Metrics, Summary } from '@sluice/core/ports/metrics'

const METHODS = new Set([
  'GET',
  'PUT',
  'HEAD',
  'POST',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
])

interface MethodMeter {
  readonly method: string
  readonly duration: Summary
  readonly codes: Map<number, Counter>
}

export interface MeasuredRequest {
  /** For an answer whose body takes time: its head has been written. */
  begun(): void
  /** `bytes`: of the body. */
  end(status: number, bytes: number): void
}

export class RequestMeter {
  readonly #metrics: Metrics
  readonly #inFlight: Gauge
  readonly #requestSize: Summary
  readonly #responseSize: Summary
  readonly #untilHead: Summary
  readonly #methods = new Map<string, MethodMeter>()

  constructor(metrics: Metrics) {
    this.#metrics = metrics
    this.#inFlight = metrics.gauge('imageregistry_http_in_flight_requests', {})
    this.#requestSize = metrics.summary('imageregistry_http_request_size_bytes', {})
    this.#responseSize = metrics.summary('imageregistry_http_response_size_bytes', {})
    this.#untilHead = metrics.summary('imageregistry_http_time_to_write_header_seconds', {})
  }

  /** `path` may have a query; `size`: about as many bytes as the client sent or is going to. */
  begin(method: string, path: string, size: number): MeasuredRequest | undefined {
    if (isProbe(path)) return undefined
    const began = performance.now()
    const meter = this.#methods.get(method) ?? this.#meterOf(method)
    this.#inFlight.add(1)
    let head: number | undefined
    return {
      begun: () => {
        head = (performance.now() - began) / 1000
      },
      end: (status, bytes) => {
        const seconds = (performance.now() - began) / 1000
        this.#inFlight.add(-1)
        meter.duration.observe(seconds)
        this.#untilHead.observe(head ?? seconds)
        this.#requestSize.observe(size)
        this.#responseSize.observe(bytes)
        const code = meter.codes.get(status) ?? this.#codeOf(meter, status)
        code.add(1)
      },
    }
  }

  #meterOf(asked: string): MethodMeter {
    const method = METHODS.has(asked) ? asked.toLowerCase() : 'unknown'
    const duration = this.#metrics.summary('imageregistry_http_request_duration_seconds', {
      method,
    })
    const meter = { method, duration, codes: new Map<number, Counter>() }
    // Others have no end.
    if (METHODS.has(asked)) this.#methods.set(asked, meter)
    return meter
  }

  #codeOf({ method, codes }: MethodMeter, status: number): Counter {
    const code = status >= 100 && status <= 599 ? String(status) : 'unknown'
    const counter = this.#metrics.counter('imageregistry_http_requests_total', { code, method })
    codes.set(status, counter)
    return counter
  }
}

/** As what is outside of the app in OpenShift's registry. */
const isProbe = (path: string): boolean => path === '/' || PROBE.test(path)

const PROBE = /^\/(?:healthz|readyz)(?:[/?]|$)/
