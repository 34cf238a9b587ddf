/** What refers to a manifest by `subject` (spec "Listing Referrers", end-12). */
import type { Digest } from '../digest.ts'
import { parseManifest } from '../manifest.ts'
import type { Table, TableRecord } from '../ports/table.ts'
import { defined } from '../records/defined.ts'
import { referrerPrefix, repositoryPk } from '../records/keys.ts'
import { referrerRecord } from '../records/manifest-record.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { Manifests } from './manifests.ts'

/** Spec: a page of referrers is an index of at most 4 MiB; this keeps well below. */
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
        const full = descriptors.length === page.limit || bytes > MAX_PAGE_BYTES
        if (full || looked++ === MAX_LOOKED_AT) {
          return { descriptors, next: after?.slice(prefix.length) }
        }
        after = record.sk
        const { artifactType } = referrerRecord(record.item)
        if (page.artifactType !== undefined && artifactType !== page.artifactType) continue
        const descriptor = await this.#describe(repository, prefix, record)
        if (!descriptor) continue
        descriptors.push(descriptor)
        bytes += JSON.stringify(descriptor).length
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
    const all = annotationsInBody ? await this.#annotations(repository, digest) : annotations
    return defined({
      mediaType,
      digest,
      size,
      artifactType,
      annotations: all,
    }) as unknown as Descriptor
  }

  async #annotations(repository: RepositoryName, digest: Digest) {
    const { record } = await this.#manifests.find(repository, { digest })
    return parseManifest(await this.#manifests.body(record), record.mediaType).annotations
  }
}
