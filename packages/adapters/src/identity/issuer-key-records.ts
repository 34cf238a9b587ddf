/**
 * Where the keys of issuers are kept, for every thread and environment of a registry, and for the next start:
 *
 *     pk                         sk    attributes
 *     issuer#<sha256 of its url> keys  url, keys (its JWK set, as JSON), fetchedAt (milliseconds since the epoch)
 */
import type { JSONWebKeySet } from 'jose'
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Key, Table } from '@sluice/core/ports/table'
import { createHash } from 'node:crypto'

/** Less than a record holds (`table-limits.ts`); a larger set is fetched by everyone. */
const MOST_CHARACTERS = 300_000

export interface FetchedKeys {
  readonly keys: JSONWebKeySet
  /** Milliseconds since the epoch. */
  readonly fetchedAt: number
}

/** Neither method rejects where the table fails: then each fetches what it needs. */
export class IssuerKeyRecords {
  readonly #table: Pick<Table, 'get' | 'transact'>

  constructor(table: Pick<Table, 'get' | 'transact'>) {
    this.#table = table
  }

  async read(url: string): Promise<FetchedKeys | undefined> {
    const item = await this.#table.get(keyOf(url)).catch(noStorage)
    if (item?.['url'] !== url) return undefined
    const { keys, fetchedAt } = item
    if (typeof keys !== 'string' || typeof fetchedAt !== 'number') return undefined
    return { keys: JSON.parse(keys) as JSONWebKeySet, fetchedAt }
  }

  async write(url: string, { keys, fetchedAt }: FetchedKeys): Promise<void> {
    const text = JSON.stringify(keys)
    if (text.length > MOST_CHARACTERS) return
    const item = { url, keys: text, fetchedAt }
    await this.#table.transact([{ put: keyOf(url), item }]).catch(noStorage)
  }
}

const keyOf = (url: string): Key => ({
  pk: `issuer#${createHash('sha256').update(url).digest('hex')}`,
  sk: 'keys',
})

function noStorage(error: unknown): undefined {
  if (!(error instanceof StorageError)) throw error
}
