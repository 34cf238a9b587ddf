/** One upstream over HTTP. Its addresses are tried in order; where all fail, the first one's failure is the answer. */
import type { Digest } from '@sluice/core/digest'
import {
  UpstreamError,
  type Upstream,
  type UpstreamBlob,
  type UpstreamDescriptor,
  type UpstreamManifest,
} from '@sluice/core/ports/upstream'
import type { Reference } from '@sluice/core/reference'
import type { ClientRedirects } from './client-redirects.ts'
import type { Questions } from './questions.ts'
import type { TransferLimits } from './transfer-limits.ts'
import { Transfer } from './transfer.ts'
import type { Turns } from './turns.ts'
import { UpstreamBlobs } from './upstream-blobs.ts'
import { UpstreamLists } from './upstream-lists.ts'
import { UpstreamManifests } from './upstream-manifests.ts'
import { UpstreamPath } from './upstream-path.ts'

export interface HttpUpstreamOptions {
  readonly name: string
  readonly bases: readonly URL[]
  readonly questions: Questions
  readonly redirects: ClientRedirects
  readonly limits: TransferLimits
  readonly turns: Turns
}

export class HttpUpstream implements Upstream {
  readonly #options: HttpUpstreamOptions
  readonly #manifests: UpstreamManifests
  readonly #blobs: UpstreamBlobs
  readonly #lists: UpstreamLists

  constructor(options: HttpUpstreamOptions) {
    this.#options = options
    const path = new UpstreamPath(options.name)
    this.#manifests = new UpstreamManifests(options.questions, path)
    this.#blobs = new UpstreamBlobs(options.questions, path)
    this.#lists = new UpstreamLists(options.questions, path, options.limits.listMs)
  }

  resolve(repository: string, reference: Reference): Promise<UpstreamDescriptor | undefined> {
    return this.#first((base) => this.#manifests.resolve(base, repository, reference))
  }

  manifest(repository: string, reference: Reference): Promise<UpstreamManifest | undefined> {
    return this.#first((base) => this.#manifests.manifest(base, repository, reference))
  }

  blobSize(repository: string, digest: Digest): Promise<number | undefined> {
    return this.#first((base) => this.#blobs.size(base, repository, digest))
  }

  async blob(repository: string, digest: Digest, start: number): Promise<UpstreamBlob | undefined> {
    const { name, limits, turns } = this.#options
    const end = await turns.take()
    try {
      const opened = await this.#first((base) => this.#blobs.open(base, repository, digest, start))
      if (!opened) {
        end()
        return undefined
      }
      const bytes = new Transfer(opened, { upstream: name, start, unreadMs: limits.idleMs, end })
      return { size: opened.size, bytes }
    } catch (error) {
      end()
      throw error
    }
  }

  async blobUrl(repository: string, digest: Digest): Promise<URL | 'here' | undefined> {
    const found = await this.#first((base) => this.#blobs.location(base, repository, digest))
    if (found === undefined || found === 'here') return found
    return (await this.#options.redirects.allows(found)) ? found : 'here'
  }

  tags(repository: string): Promise<readonly string[] | undefined> {
    return this.#first((base) => this.#lists.tags(base, repository))
  }

  referrers(repository: string, subject: Digest): Promise<readonly unknown[] | undefined> {
    return this.#first((base) => this.#lists.referrers(base, repository, subject))
  }

  async #first<T>(ask: (base: URL) => Promise<T | undefined>): Promise<T | undefined> {
    let first: UpstreamError | undefined
    for (const base of this.#options.bases) {
      try {
        const found = await ask(base)
        // That a mirror has it not does not mean that the registry has it not.
        if (found !== undefined || !first) return found
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error
        if (!first && error.reason !== 'unreachable' && error.reason !== 'failing') throw error
        first ??= error
      }
    }
    if (first) throw first
    return undefined
  }
}
