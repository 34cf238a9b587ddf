/** What refers to a manifest by `subject` (spec "Listing Referrers", end-12). */
import type { Digest } from '../digest.ts'
import { parseManifest } from '../manifest.ts'
import type { Table, TableRecord } from '../ports/table.ts'
import { defined } from '../records/defined.ts'
import { manifestKey, referrerPrefix, repositoryPk } from '../records/keys.ts'
import { manifestRecord, referrerRecord } from '../records/manifest-record.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { Manifests } from './manifests.ts'
import type { Stale } from './stale.ts'

/** Spec: a page of referrers is an index of at most 4 MiB. Only one descriptor alone may be larger than this. */
const MAX_PAGE_BYTES = 2 * 1024 * 1024
/** Records that one request looks at when few of them match the filter. */
const MAX_LOOKED_AT = 5000

export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: { readonly [name: string]: string }
}

export interface ReferrerPage {
  readonly descriptors: readonly Descriptor[]
  /** Where the next page goes on: pass it as `last`. */
  readonly next: string | undefined
  readonly stale?: Stale
}

export class Referrers {
  readonly #table: Table
  readonly #manifests: Manifests

  constructor(table: Table, manifests: Manifests) {
    this.#table = table
    this.#manifests = manifests
  }

  /** An unknown subject has no referrers, which is no error. */
  async list(
    repository: RepositoryName,
    subject: Digest,
    page: { readonly limit: number; readonly last?: string; readonly artifactType?: string },
  ): Promise<ReferrerPage> {
    if (page.limit === 0) return { descriptors: [], next: undefined }
    const prefix = referrerPrefix(subject)
    const descriptors: Descriptor[] = []
    let bytes = 0
    let looked = 0
    for (let after = page.last === undefined ? undefined : prefix + page.last; ;) {
      const found = await this.#table.query(repositoryPk(repository), {
        prefix,
        limit: 100,
        ...(after === undefined ? {} : { after }),
      })
      for (const record of found.records) {
        if (descriptors.length === page.limit || looked++ === MAX_LOOKED_AT) {
          return { descriptors, next: after?.slice(prefix.length) }
        }
        const { artifactType } = referrerRecord(record.item)
        const wanted = page.artifactType === undefined || artifactType === page.artifactType
        const descriptor = wanted ? await this.#describe(repository, prefix, record) : undefined
        if (descriptor) {
          bytes += Buffer.byteLength(JSON.stringify(descriptor))
          if (bytes > MAX_PAGE_BYTES && descriptors.length > 0) {
            return { descriptors, next: after?.slice(prefix.length) }
          }
          descriptors.push(descriptor)
        }
        after = record.sk
      }
      if (found.next === undefined) return { descriptors, next: undefined }
      after = found.next
    }
  }

  async #describe(
    repository: RepositoryName,
    prefix: string,
    { sk, item }: TableRecord,
  ): Promise<Descriptor | undefined> {
    const digest = sk.slice(prefix.length) as Digest
    const { mediaType, size, artifactType, annotations, annotationsInBody } = referrerRecord(item)
    const described = { mediaType, digest, size, artifactType, annotations }
    if (!annotationsInBody) return defined(described) as unknown as Descriptor
    const found = await this.#table.get(manifestKey(repository, digest))
    // Deleted while this lists.
    if (!found) return undefined
    const bytes = await this.#manifests.body(manifestRecord(found))
    const whole = { ...described, annotations: parseManifest(bytes, mediaType).annotations }
    return defined(whole) as unknown as Descriptor
  }
}
