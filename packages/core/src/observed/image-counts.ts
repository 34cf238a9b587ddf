/** What is counted of images: by project, and of those from other registries by upstream. A cache has its upstream's name. */
import type { Counter, Metrics } from '../ports/metrics.ts'
import type { StoredManifest } from '../services/manifests.ts'

export type CachedResource = 'manifest' | 'blob'
export type CacheResult = 'hit' | 'miss' | 'stale'

export class ImageCounts {
  readonly #metrics: Metrics
  readonly #pulls = new Map<string, Counter>()
  readonly #requests = new Map<string, Counter>()
  readonly #bytes = new Map<string, Counter>()
  /** Projects that something was found in which came from elsewhere. */
  readonly #caches = new Set<string>()

  constructor(metrics: Metrics) {
    this.#metrics = metrics
  }

  /** A manifest was given to a client, who not only asked whether it is there. */
  pulled(project: string): void {
    let counter = this.#pulls.get(project)
    if (counter === undefined) {
      counter = this.#metrics.counter('sluice_pulls_total', { project })
      this.#pulls.set(project, counter)
    }
    counter.add(1)
  }

  /** One that is here and fresh: an image of the project's own is not counted. */
  manifestIsHere({ record, tag }: StoredManifest, project: string): void {
    if (record.pulledAt === undefined) return
    const from = tag?.cached?.from?.upstream
    if (from === undefined) this.#caches.add(project)
    this.#hit('manifest', from ?? project, record.size)
  }

  /** A blob's record does not say where it came from: it counts once this process has met a manifest of the cache. */
  blobIsHere(project: string): void {
    if (this.#caches.has(project)) this.request('blob', 'hit', project)
  }

  blobIsRead(project: string, bytes: number): void {
    if (this.#caches.has(project)) this.#bytesOf(project).add(bytes)
  }

  request(resource: CachedResource, result: CacheResult, upstream: string): void {
    const key = `${resource} ${result} ${upstream}`
    let counter = this.#requests.get(key)
    if (counter === undefined) {
      counter = this.#metrics.counter('sluice_cache_requests_total', { resource, result, upstream })
      this.#requests.set(key, counter)
    }
    counter.add(1)
  }

  /** Whether the upstream that has a blob was known before, from a manifest, or had to be asked for it. */
  remoteBlob(known: boolean): void {
    const family = 'imageregistry_pullthrough_blobstore_cache_requests_total'
    const hits = this.#metrics.counter(family, { type: 'Hit' })
    const misses = this.#metrics.counter(family, { type: 'Miss' })
    const counter = known ? hits : misses
    counter.add(1)
  }

  coalesced(resource: CachedResource, upstream: string): void {
    this.#metrics.counter('sluice_coalesced_requests_total', { resource, upstream }).add(1)
  }

  /** For what a lease of this name is about. */
  waited(lease: string): void {
    const project = /^(?:tag|manifest)#([^/]+)\//.exec(lease)?.[1]
    if (project !== undefined) this.coalesced('manifest', project)
  }

  #hit(resource: CachedResource, upstream: string, bytes: number): void {
    this.request(resource, 'hit', upstream)
    this.#bytesOf(upstream).add(bytes)
  }

  #bytesOf(upstream: string): Counter {
    let counter = this.#bytes.get(upstream)
    if (counter === undefined) {
      counter = this.#metrics.counter('sluice_cache_bytes_total', { from: 'cache', upstream })
      this.#bytes.set(upstream, counter)
    }
    return counter
  }
}
