/**
 * The reading connection, on the caller's own thread: a read of what the cache holds costs no more than asking SQLite
 * whether any other connection has committed. `PRAGMA data_version` answers that, and opens a read transaction to do
 * so, so it sees whatever was acknowledged before the call. https://sqlite.org/pragma.html#pragma_data_version
 */
import { checkKey, MAX_PAGE_BYTES, recordBytes } from '@sluice/core/ports/table-limits'
import type { Item, Key, Page, TableRecord } from '@sluice/core/ports/table'
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite'
import { parseItem } from './item-text.ts'
import { openDatabase } from './open-database.ts'
import { commits } from './commits.ts'
import { ReadCache } from './read-cache.ts'
import type { KeyRange } from './key-range.ts'

const CACHE_BYTES = 32 * 1024 * 1024

const ONE = 'SELECT item FROM records WHERE pk = ? AND sk = ?'
const RANGE = 'SELECT pk, sk, item FROM records WHERE pk = ? AND sk >= ? AND sk < ? ORDER BY sk'
const ALL = 'SELECT pk, sk, item FROM records WHERE (pk, sk) > (?, ?) ORDER BY pk, sk LIMIT ?'

type Rows = Iterable<Record<string, SQLOutputValue>>

export class SqliteReader {
  readonly #database: DatabaseSync
  readonly #version: StatementSync
  readonly #one: StatementSync
  readonly #forward: StatementSync
  readonly #reverse: StatementSync
  readonly #all: StatementSync
  readonly #cache = new ReadCache(CACHE_BYTES)
  #seen: unknown
  #fresh = false
  #told = 0
  #willEnd = false
  readonly #endTurn = (): void => {
    this.#willEnd = false
    this.#fresh = false
  }
  /** A record just read may name another that the cache still holds to be absent. */
  readonly #askAgain = (): void => {
    this.#fresh = false
  }

  constructor(file: string) {
    const database = openDatabase(file)
    const prepare = (sql: string): StatementSync => {
      const statement = database.prepare(sql)
      statement.setReturnArrays(true)
      return statement
    }
    this.#database = database
    this.#version = prepare('PRAGMA data_version')
    this.#one = prepare(ONE)
    this.#forward = prepare(`${RANGE} LIMIT ?`)
    this.#reverse = prepare(`${RANGE} DESC LIMIT ?`)
    this.#all = prepare(ALL)
  }

  /**
   * Makes the reads that follow see all that is committed now. SQLite is asked once in one turn of the event loop, since
   * the asking (two locks) costs more than the rest of a cached read. What a turn deals with had arrived before it
   * began, so a client that knew of another process's commit when it asked is answered with it; the commits of this
   * process's threads, and what a read finds in the file, make it ask at once.
   */
  refresh(): void {
    const told = commits.count()
    if (this.#fresh && this.#told === told) return
    this.#told = told
    const version = this.#version.get()?.[0]
    this.#fresh = true
    if (!this.#willEnd) setImmediate(this.#endTurn)
    this.#willEnd = true
    if (version === this.#seen) return
    this.#seen = version
    this.#cache.clear()
  }

  /** What the cache holds. */
  peek(key: Key): { readonly item: Item | undefined } | undefined {
    return this.#cache.get(nameOf(key))
  }

  get(key: Key): Item | undefined {
    const name = nameOf(key)
    const known = this.#cache.get(name)
    if (known !== undefined) return known.item
    checkKey(key)
    this.#askAgain()
    const text = this.#one.get(key.pk, key.sk)?.[0]
    const item = typeof text === 'string' ? parseItem(text) : undefined
    this.#cache.set(name, item, typeof text === 'string' ? text.length : 0)
    return item
  }

  range(pk: string, { from, to }: KeyRange, limit: number, reverse: boolean): Page {
    this.#askAgain()
    const statement = reverse ? this.#reverse : this.#forward
    return page(statement.iterate(pk, from, to, limit + 1), limit, ({ sk }) => sk)
  }

  all(after: Key, limit: number, cursor: (last: Key) => string): Page {
    this.#askAgain()
    return page(this.#all.iterate(after.pk, after.sk, limit + 1), limit, cursor)
  }

  close(): void {
    this.#database.close()
  }
}

/** The length keeps ('a', 'bc') and ('ab', 'c') apart. */
const nameOf = ({ pk, sk }: Key): string => `${pk.length} ${pk}${sk}`

/** Takes rows until the page is full; one row more than the limit was asked for, to know whether another page follows. */
function page(rows: Rows, limit: number, cursor: (last: Key) => string): Page {
  const records: TableRecord[] = []
  let bytes = 0
  for (const row of rows) {
    const [pk, sk] = [String(row[0]), String(row[1])]
    const item = parseItem(String(row[2]))
    bytes += recordBytes({ pk, sk }, item)
    const last = records.at(-1)
    if (last && (records.length === limit || bytes > MAX_PAGE_BYTES)) {
      return { records, next: cursor(last) }
    }
    records.push({ pk, sk, item })
  }
  return { records }
}
