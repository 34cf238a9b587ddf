/**
 * Another registry whose answers are measured, under the host of its first address, in the operations of OpenShift's
 * registry. To ask what a tag names is to get the tag.
 */
import type { Digest } from '../digest.ts'
import type { Source } from '../ports/blob-store.ts'
import type { Counter, Metrics } from '../ports/metrics.ts'
import {
  UpstreamError,
  type Upstream,
  type UpstreamBlob,
  type UpstreamDescriptor,
  type UpstreamFailure,
  type UpstreamManifest,
} from '../ports/upstream.ts'
import type { Reference } from '../reference.ts'
import { timed } from './timed.ts'

/** As the registry words it to its client. */
const CODES: Record<UpstreamFailure, string> = {
  unreachable: 'UNKNOWN',
  failing: 'UNKNOWN',
  limited: 'TOOMANYREQUESTS',
  refusing: 'UNAUTHORIZED',
  lying: 'UNKNOWN',
  looping: 'UNKNOWN',
  forbidden: 'DENIED',
}

export class ObservedUpstream implements Upstream {
  readonly #upstream: Upstream
  readonly #metrics: Metrics
  readonly #registry: string
  readonly #bytes: Counter

  constructor(upstream: Upstream, name: string, registry: string, metrics: Metrics) {
    this.#upstream = upstream
    this.#metrics = metrics
    this.#registry = registry
    this.#bytes = metrics.counter('sluice_cache_bytes_total', { from: 'upstream', upstream: name })
  }

  resolve(repository: string, reference: Reference): Promise<UpstreamDescriptor | undefined> {
    const operation = 'tag' in reference ? 'TagService.Get' : 'ManifestService.Exists'
    return this.#ask(operation, 'MANIFEST_UNKNOWN', () =>
      this.#upstream.resolve(repository, reference),
    )
  }

  async manifest(repository: string, reference: Reference): Promise<UpstreamManifest | undefined> {
    const found = await this.#ask('ManifestService.Get', 'MANIFEST_UNKNOWN', () =>
      this.#upstream.manifest(repository, reference),
    )
    if (found) this.#bytes.add(found.bytes.byteLength)
    return found
  }

  blobSize(repository: string, digest: Digest): Promise<number | undefined> {
    return this.#ask('BlobStore.Stat', 'UNKNOWN', () => this.#upstream.blobSize(repository, digest))
  }

  /** Until its bytes begin to come. */
  async blob(repository: string, digest: Digest, start: number): Promise<UpstreamBlob | undefined> {
    const found = await this.#ask('BlobStore.Open', 'UNKNOWN', () =>
      this.#upstream.blob(repository, digest, start),
    )
    return found && { size: found.size, bytes: this.#counted(found.bytes) }
  }

  blobUrl(repository: string, digest: Digest): Promise<URL | 'here' | undefined> {
    return this.#ask('BlobStore.ServeBlob', 'UNKNOWN', () =>
      this.#upstream.blobUrl(repository, digest),
    )
  }

  tags(repository: string): Promise<readonly string[] | undefined> {
    return this.#ask('TagService.All', 'NAME_UNKNOWN', () => this.#upstream.tags(repository))
  }

  /** OpenShift's registry knows none: the name is made like the others. */
  referrers(repository: string, subject: Digest): Promise<readonly unknown[] | undefined> {
    return this.#ask('ReferrerService.All', 'NAME_UNKNOWN', () =>
      this.#upstream.referrers(repository, subject),
    )
  }

  #ask<T>(
    operation: string,
    absence: string,
    ask: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const registry = this.#registry
    const fail = (code: string): void =>
      this.#metrics
        .counter('imageregistry_pullthrough_repository_errors_total', { code, operation, registry })
        .add(1)
    const duration = this.#metrics.summary(
      'imageregistry_pullthrough_repository_duration_seconds',
      { operation, registry },
    )
    const asked = async (): Promise<T | undefined> => {
      const answer = await ask()
      if (answer === undefined) fail(absence)
      return answer
    }
    return timed(duration, performance.now(), asked(), (error) =>
      fail(error instanceof UpstreamError ? CODES[error.reason] : 'UNKNOWN'),
    )
  }

  async *#counted(bytes: Source): Source {
    for await (const piece of bytes) {
      this.#bytes.add(piece.byteLength)
      yield piece
    }
  }
}
