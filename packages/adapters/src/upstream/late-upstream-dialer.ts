/**
 * A dialer that is loaded when the first upstream is asked: what it needs would cost the cold start of every process that
 * reads through nothing.
 */
import type { Upstream, UpstreamDialer } from '@sluice/core/ports/upstream'
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'

export class LateUpstreamDialer implements UpstreamDialer {
  readonly #open: () => Promise<UpstreamDialer>

  /** `open` is called for each question: it answers the same dialer each time. */
  constructor(open: () => Promise<UpstreamDialer>) {
    this.#open = open
  }

  dial(name: string, settings: UpstreamSettings, via?: readonly string[]): Upstream {
    const upstream = async (): Promise<Upstream> => (await this.#open()).dial(name, settings, via)
    return {
      resolve: async (...args) => (await upstream()).resolve(...args),
      manifest: async (...args) => (await upstream()).manifest(...args),
      blobSize: async (...args) => (await upstream()).blobSize(...args),
      blob: async (...args) => (await upstream()).blob(...args),
      blobUrl: async (...args) => (await upstream()).blobUrl(...args),
      tags: async (...args) => (await upstream()).tags(...args),
      referrers: async (...args) => (await upstream()).referrers(...args),
    }
  }
}
