/** One upstream over HTTP. Its addresses are tried in order; where all fail, the first one's failure is the answer. */
import type { Digest } from '@sluice/core/digest'
import {
  UpstreamError,
  type Upstream,
  type UpstreamBlob,
  type UpstreamDescriptor,
  type UpstreamFailure,
  type UpstreamManifest,
} from '@sluice/core/ports/upstream'
import type { Reference } from '@sluice/core/reference'
import { BoundedMap } from '@sluice/core/bounded-map'
import type { ClientRedirects } from './client-redirects.ts'
import type { Questions } from './questions.ts'
import type { TransferLimits } from './transfer-limits.ts'
import { Transfer } from './transfer.ts'
import type { Turns } from './turns.ts'
import { UpstreamBlobs } from './upstream-blobs.ts'
import { UpstreamLists } from './upstream-lists.ts'
import { UpstreamManifests } from './upstream-manifests.ts'
import { UpstreamPath } from './upstream-path.ts'

/** Blobs whose last transfer broke; of one that is forgotten the registry itself is asked first again. */
const MOST_BROKEN = 1000

/** Failures of the registry itself that say nothing of what it was asked for: a mirror may have it. */
const SILENT: ReadonlySet<UpstreamFailure> = new Set(['unreachable', 'failing', 'looping'])

export interface HttpUpstreamOptions {
  readonly name: string
  readonly bases: readonly URL[]
  readonly questions: Questions
  readonly redirects: ClientRedirects
  readonly limits: TransferLimits
  readonly turns: Turns
  /** The address at which a blob's last transfer broke: the next begins at the one after. */
  readonly broken?: BoundedMap<Digest, number>
}

export class HttpUpstream implements Upstream {
  readonly #options: HttpUpstreamOptions
  readonly #manifests: UpstreamManifests
  readonly #blobs: UpstreamBlobs
  readonly #lists: UpstreamLists
  readonly #broken: BoundedMap<Digest, number>

  constructor(options: HttpUpstreamOptions) {
    this.#options = options
    this.#broken = options.broken ?? new BoundedMap(MOST_BROKEN)
    const path = new UpstreamPath(options.name)
    this.#manifests = new UpstreamManifests(options.questions, path)
    this.#blobs = new UpstreamBlobs(options.questions, path)
    this.#lists = new UpstreamLists(options.questions, path, options.limits.listMs)
  }

  /** The same, asked through those registries. */
  through(via: readonly string[]): HttpUpstream {
    const questions = this.#options.questions.through(via)
    return new HttpUpstream({ ...this.#options, questions, broken: this.#broken })
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
      let used = 0
      const opened = await this.#first(
        (base, at) => {
          used = at
          return this.#blobs.open(base, repository, digest, start)
        },
        (this.#broken.get(digest) ?? -1) + 1,
      )
      if (!opened) {
        end()
        return undefined
      }
      const bytes = new Transfer(opened, {
        upstream: name,
        start,
        unreadMs: limits.idleMs,
        end,
        onWhole: () => this.#broken.delete(digest),
        onBreak: () => this.#broken.set(digest, used),
      })
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

  /** The registry itself (0) and its mirrors in turn, from the one of that number on. Only the registry's word is final. */
  async #first<T>(
    ask: (base: URL, at: number) => Promise<T | undefined>,
    from = 0,
  ): Promise<T | undefined> {
    const { bases } = this.#options
    let first: UpstreamError | undefined
    for (let turn = 0; turn < bases.length; turn++) {
      const at = (from + turn) % bases.length
      try {
        const found = await ask(bases[at]!, at)
        if (found !== undefined || at === 0) return found
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error
        if (at === 0 && !SILENT.has(error.reason)) throw error
        first ??= error
      }
    }
    if (first) throw first
    return undefined
  }
}
