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
  readonly duration: Summary
  readonly count: (status: number) => void
}

interface Summaries {
  readonly inFlight: Gauge
  readonly requestSize: Summary
  readonly responseSize: Summary
  readonly untilHead: Summary
}

export class MeasuredRequest {
  readonly #summaries: Summaries
  readonly #method: MethodMeter
  readonly #size: number
  readonly #began: number
  #head: number | undefined

  /** `began`: of `performance`. */
  constructor(summaries: Summaries, method: MethodMeter, size: number, began: number) {
    this.#summaries = summaries
    this.#method = method
    this.#size = size
    this.#began = began
    summaries.inFlight.add(1)
  }

  /** For an answer whose body takes time: its head has been written. */
  begun(): void {
    this.#head = (performance.now() - this.#began) / 1000
  }

  /** `bytes`: of the body. */
  end(status: number, bytes: number, now = performance.now()): void {
    const seconds = (now - this.#began) / 1000
    const { inFlight, untilHead, requestSize, responseSize } = this.#summaries
    inFlight.add(-1)
    this.#method.duration.observe(seconds)
    untilHead.observe(this.#head ?? seconds)
    requestSize.observe(this.#size)
    responseSize.observe(bytes)
    this.#method.count(status)
  }
}

export class RequestMeter {
  readonly #metrics: Metrics
  readonly #summaries: Summaries
  readonly #methods = new Map<string, MethodMeter>()

  constructor(metrics: Metrics) {
    this.#metrics = metrics
    this.#summaries = {
      inFlight: metrics.gauge('imageregistry_http_in_flight_requests', {}),
      requestSize: metrics.summary('imageregistry_http_request_size_bytes', {}),
      responseSize: metrics.summary('imageregistry_http_response_size_bytes', {}),
      untilHead: metrics.summary('imageregistry_http_time_to_write_header_seconds', {}),
    }
  }

  /** `path` may have a query; `size`: about as many bytes as the client sent or is going to. */
  begin(
    method: string,
    path: string,
    size: number,
    began = performance.now(),
  ): MeasuredRequest | undefined {
    if (isProbe(path)) return undefined
    const meter = this.#methods.get(method) ?? this.#meterOf(method)
    return new MeasuredRequest(this.#summaries, meter, size, began)
  }

  #meterOf(asked: string): MethodMeter {
    const known = METHODS.has(asked)
    const method = known ? asked.toLowerCase() : 'unknown'
    const codes = new Map<number, Counter>()
    const meter = {
      duration: this.#metrics.summary('imageregistry_http_request_duration_seconds', { method }),
      count: (status: number) => {
        let counter = codes.get(status)
        if (counter === undefined) codes.set(status, (counter = this.#codeOf(method, status)))
        counter.add(1)
      },
    }
    // Others have no end.
    if (known) this.#methods.set(asked, meter)
    return meter
  }

  #codeOf(method: string, status: number): Counter {
    const code = status >= 100 && status <= 599 ? String(status) : 'unknown'
    return this.#metrics.counter('imageregistry_http_requests_total', { code, method })
  }
}

/** As what is outside of the app in OpenShift's registry. */
const isProbe = (path: string): boolean =>
  path === '/' || (!path.startsWith('/v2/') && PROBE.test(path))

const PROBE = /^\/(?:healthz|readyz)(?:[/?]|$)/
