/**
 * The table in one SQLite file: reads on this thread, writes on a thread of their own, so that no fsync ever stops the
 * event loop. Other processes (sweep, fsck) may have the file open at the same time.
 */
import {
  checkKey,
  checkKeys,
  checkQuery,
  checkTransaction,
  keyOf,
} from '@sluice/core/ports/table-limits'
import type {
  Item,
  Key,
  Outcome,
  Page,
  Query,
  Table,
  TransactOptions,
  Write,
} from '@sluice/core/ports/table'
import type { MessagePort } from 'node:worker_threads'
import { commits } from './commits.ts'
import { itemText } from './item-text.ts'
import { keyRange } from './key-range.ts'
import { createDatabase } from './open-database.ts'
import { parseScanCursor, scanCursor } from '../shared/scan-cursor.ts'
import { sqliteError } from './sqlite-error.ts'
import { SqliteReader } from './sqlite-reader.ts'
import type { PackedWrite } from './sqlite-transaction.ts'
import { SqliteWriterClient } from './sqlite-writer-client.ts'

export interface SqliteJoin {
  readonly file: string
  readonly writer: MessagePort
  readonly commits: SharedArrayBuffer
}

export class SqliteTable implements Table {
  readonly #file: string
  readonly #reader: SqliteReader
  readonly #writer: SqliteWriterClient
  #closed = false

  /**
   * Throws `NewerDataError` where a newer program has written the file. `keepsRoom`: for a process that is there for long,
   * which sees to it that there is room to remove records when the disk is full (`SpareRoom`).
   */
  static async open(file: string, { keepsRoom = false } = {}): Promise<SqliteTable> {
    try {
      await createDatabase(file)
      return new SqliteTable(new SqliteWriterClient(file, { keepsRoom }), file)
    } catch (error) {
      throw sqliteError(error)
    }
  }

  /** The same table in another thread, by the way that its `join` gave. */
  static openJoined(way: SqliteJoin): SqliteTable {
    commits.share(way.commits)
    return new SqliteTable(new SqliteWriterClient(way.file, { joined: way.writer }), way.file)
  }

  private constructor(writer: SqliteWriterClient, file: string) {
    this.#file = file
    this.#reader = new SqliteReader(file)
    this.#writer = writer
  }

  /** What another thread of this process needs to open this table; for one thread, which gets `writer` transferred. */
  join(): SqliteJoin {
    return { file: this.#file, writer: this.#writer.join(), commits: commits.shared() }
  }

  async get(key: Key): Promise<Item | undefined> {
    try {
      this.#reader.refresh()
      return this.#reader.get(key)
    } catch (error) {
      throw sqliteError(error)
    }
  }

  peek(key: Key): { readonly item: Item | undefined } | undefined {
    try {
      this.#reader.refresh()
      return this.#reader.peek(key)
    } catch {
      // Whoever asks then is told why.
      return undefined
    }
  }

  async getMany(keys: readonly Key[]): Promise<readonly (Item | undefined)[]> {
    checkKeys(keys)
    return this.#read((reader) => keys.map((key) => reader.get(key)))
  }

  async query(pk: string, query: Query): Promise<Page> {
    checkQuery(query)
    checkKey({ pk, sk: 'any' })
    const range = keyRange(query)
    return this.#read((reader) => reader.range(pk, range, query.limit, query.reverse === true))
  }

  async scan(page: { readonly after?: string; readonly limit: number }): Promise<Page> {
    checkQuery(page)
    const after = page.after === undefined ? { pk: '', sk: '' } : parseScanCursor(page.after)
    return this.#read((reader) => reader.all(after, page.limit, scanCursor))
  }

  async transact(
    writes: readonly Write[],
    { lazy = false, frees = false }: TransactOptions = {},
  ): Promise<Outcome> {
    if (this.#closed) throw new Error('the table is closed')
    checkTransaction(writes)
    return this.#writer.send({ writes: writes.map(packed), lazy, frees })
  }

  /** Waits for the writes under way. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#reader.close()
    await this.#writer.close()
  }

  #read<T>(read: (reader: SqliteReader) => T): T {
    try {
      this.#reader.refresh()
      return read(this.#reader)
    } catch (error) {
      throw sqliteError(error)
    }
  }
}

function packed(write: Write): PackedWrite {
  const key = keyOf(write)
  const named = { key: { pk: key.pk, sk: key.sk }, when: write.when }
  if ('put' in write) return { kind: 'put', text: itemText(write.item), ...named }
  if ('delete' in write) return { kind: 'delete', ...named }
  if ('check' in write) return { kind: 'check', ...named }
  const { set = {}, add = {}, remove = [] } = write
  return { kind: 'update', set: itemText(set), add, remove, ...named }
}
