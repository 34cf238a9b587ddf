/** Puts right what the checker found, by writes that hold only while all is as it was found. */
import { digestOf, algorithmOf } from '../../digest.ts'
import type { BlobStore } from '../../ports/blob-store.ts'
import type { Table } from '../../ports/table.ts'
import { manifestKey, referrerKey } from '../../records/keys.ts'
import { manifestRecord } from '../../records/manifest-record.ts'
import { referrerOf } from './body-facts.ts'
import type { Repair } from './problem.ts'
import { whole } from '../whole.ts'

export class Repairs {
  readonly #table: Table
  readonly #store: BlobStore

  constructor(table: Table, store: BlobStore) {
    this.#table = table
    this.#store = store
  }

  /** False when something has changed since it was found, or cannot be read. */
  async apply(repair: Repair): Promise<boolean> {
    if ('object' in repair) await this.#store.delete(repair.object)
    else if ('upload' in repair) await this.#store.abort(repair.upload)
    else if ('referrer' in repair) return this.#putReferrer(repair.referrer)
    else {
      for (const transaction of repair.transactions) {
        if (!(await this.#table.transact(transaction)).ok) return false
      }
    }
    return true
  }

  async #putReferrer({
    repository,
    subject,
    digest,
  }: Extract<Repair, { referrer: unknown }>['referrer']): Promise<boolean> {
    const key = manifestKey(repository, digest)
    const item = await this.#table.get(key)
    if (!item) return false
    const { body, bodyKey, mediaType, version } = manifestRecord(item)
    const source = bodyKey === undefined ? undefined : await this.#store.read(bodyKey)
    const bytes = body ?? (source && (await whole(source)))
    if (!bytes || digestOf(algorithmOf(digest), bytes) !== digest) return false
    const referrer = referrerOf(bytes, mediaType)
    if (!referrer) return false
    const outcome = await this.#table.transact([
      { put: referrerKey(repository, subject, digest), item: referrer },
      { check: key, when: { equals: { version } } },
    ])
    return outcome.ok
  }
}
