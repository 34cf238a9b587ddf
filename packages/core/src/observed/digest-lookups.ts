/**
 * What stands for the cache of digests that OpenShift's registry has before its storage: the record that says of a digest
 * what blob it is, here in a repository (scoped), there in all of the registry. A hit is a record that is there.
 */
import type { Counter, Metrics } from '../ports/metrics.ts'
import type { Key } from '../ports/table.ts'
import { BLOB_PREFIX, META, REPOSITORY_PREFIX } from '../records/keys.ts'

interface HitsAndMisses {
  readonly Hit: Counter
  readonly Miss: Counter
}

export class DigestLookups {
  readonly #metrics: Metrics
  #scoped: HitsAndMisses | undefined
  #global: HitsAndMisses | undefined

  constructor(metrics: Metrics) {
    this.#metrics = metrics
  }

  /** Of whatever record; those that are no blob's are not counted. */
  looked({ pk, sk }: Key, isThere: boolean): void {
    if (sk.startsWith(BLOB_PREFIX) && pk.startsWith(REPOSITORY_PREFIX)) {
      this.#scoped ??= this.#pair('imageregistry_digest_cache_scoped_requests_total')
      this.#scoped[isThere ? 'Hit' : 'Miss'].add(1)
    } else if (sk === META && pk.startsWith(BLOB_PREFIX)) {
      this.#global ??= this.#pair('imageregistry_digest_cache_requests_total')
      this.#global[isThere ? 'Hit' : 'Miss'].add(1)
    }
  }

  /** Both are there from the first look on. */
  #pair(
    family:
      | 'imageregistry_digest_cache_requests_total'
      | 'imageregistry_digest_cache_scoped_requests_total',
  ): HitsAndMisses {
    return {
      Hit: this.#metrics.counter(family, { type: 'Hit' }),
      Miss: this.#metrics.counter(family, { type: 'Miss' }),
    }
  }
}
