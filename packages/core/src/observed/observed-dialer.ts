import type { Metrics } from '../ports/metrics.ts'
import type { Upstream, UpstreamDialer } from '../ports/upstream.ts'
import type { UpstreamSettings } from '../upstream/upstream-settings.ts'
import { ObservedUpstream } from './observed-upstream.ts'

export const observedDialer = (
  dialer: UpstreamDialer,
  metrics: Metrics | undefined,
): UpstreamDialer => (metrics ? new ObservedUpstreamDialer(dialer, metrics) : dialer)

/** Opens upstreams that are measured. That is the operation `Init`, once for settings as they were read. */
class ObservedUpstreamDialer implements UpstreamDialer {
  readonly #dialer: UpstreamDialer
  readonly #metrics: Metrics
  readonly #dialed = new WeakSet<UpstreamSettings>()

  constructor(dialer: UpstreamDialer, metrics: Metrics) {
    this.#dialer = dialer
    this.#metrics = metrics
  }

  dial(name: string, settings: UpstreamSettings, via?: readonly string[]): Upstream {
    const began = performance.now()
    const upstream = this.#dialer.dial(name, settings, via)
    const registry = hostOf(settings) ?? name
    if (!this.#dialed.has(settings)) {
      this.#dialed.add(settings)
      this.#metrics
        .summary('imageregistry_pullthrough_repository_duration_seconds', {
          operation: 'Init',
          registry,
        })
        .observe((performance.now() - began) / 1000)
    }
    return new ObservedUpstream(upstream, name, registry, this.#metrics)
  }
}

/** Of the registry itself, whichever mirror answers. */
const hostOf = ({ urls: [url = ''] }: UpstreamSettings): string | undefined => URL.parse(url)?.host
