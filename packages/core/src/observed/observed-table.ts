/**
 * A table that is measured. In the words of a storage driver records are its small files: `get` reads one's content,
 * `transact` puts some, `query` lists and `scan` walks. What the table remembers is read from no storage, and not measured.
 */
import type { Counter, Metrics } from '../ports/metrics.ts'
import type {
  Item,
  Key,
  Outcome,
  Page,
  Query,
  Table,
  TransactOptions,
  Write,
} from '../ports/table.ts'
import { BLOB_PREFIX } from '../records/keys.ts'
import { DigestLookups } from './digest-lookups.ts'
import { StorageCalls } from './storage-calls.ts'

export class ObservedTable implements Table {
  readonly #table: Table
  readonly #digests: DigestLookups
  readonly #get: StorageCalls
  readonly #getMany: StorageCalls
  readonly #query: StorageCalls
  readonly #transact: StorageCalls
  readonly #scan: StorageCalls
  readonly #records: Record<'getMany' | 'query' | 'transact' | 'scan', Counter>

  constructor(table: Table, metrics: Metrics) {
    this.#table = table
    this.#digests = new DigestLookups(metrics)
    this.#get = new StorageCalls(metrics, 'StorageDriver.GetContent', 'Table.get')
    this.#getMany = new StorageCalls(metrics, 'StorageDriver.GetContent', 'Table.getMany')
    this.#query = new StorageCalls(metrics, 'StorageDriver.List', 'Table.query')
    this.#transact = new StorageCalls(metrics, 'StorageDriver.PutContent', 'Table.transact')
    this.#scan = new StorageCalls(metrics, 'StorageDriver.Walk', 'Table.scan')
    const records = (call: string): Counter =>
      metrics.counter('sluice_engine_records_total', { call })
    this.#records = {
      getMany: records('Table.getMany'),
      query: records('Table.query'),
      transact: records('Table.transact'),
      scan: records('Table.scan'),
    }
  }

  peek(key: Key): { readonly item: Item | undefined } | undefined {
    const kept = this.#table.peek?.(key)
    if (kept && isOfBlob(key)) this.#digests.looked(key, kept.item !== undefined)
    return kept
  }

  get(key: Key): Promise<Item | undefined> {
    const kept = this.peek(key)
    if (kept) return Promise.resolve(kept.item)
    const answer = this.#get.measure(() => this.#table.get(key))
    return isOfBlob(key) ? this.#looked(key, answer) : answer
  }

  async getMany(keys: readonly Key[]): Promise<readonly (Item | undefined)[]> {
    this.#records.getMany.add(keys.length)
    const items = await this.#getMany.measure(() => this.#table.getMany(keys))
    for (const [at, key] of keys.entries()) this.#digests.looked(key, items[at] !== undefined)
    return items
  }

  async query(pk: string, query: Query): Promise<Page> {
    const page = await this.#query.measure(() => this.#table.query(pk, query))
    this.#records.query.add(page.records.length)
    return page
  }

  transact(writes: readonly Write[], options?: TransactOptions): Promise<Outcome> {
    this.#records.transact.add(writes.length)
    return this.#transact.measure(() => this.#table.transact(writes, options))
  }

  async scan(asked: { readonly after?: string; readonly limit: number }): Promise<Page> {
    const page = await this.#scan.measure(() => this.#table.scan(asked))
    this.#records.scan.add(page.records.length)
    return page
  }

  async #looked(key: Key, answer: Promise<Item | undefined>): Promise<Item | undefined> {
    const item = await answer
    this.#digests.looked(key, item !== undefined)
    return item
  }
}

const isOfBlob = ({ pk, sk }: Key): boolean =>
  sk.startsWith(BLOB_PREFIX) || pk.startsWith(BLOB_PREFIX)
