/**
 * One SQLite file, opened the one way that every thread and process here must share.
 *
 *     records   pk TEXT, sk TEXT -> item TEXT     ordered by the bytes of their UTF-8
 *
 * Not WITHOUT ROWID: items of some KB would then sit in the tree of the keys and make it deep. Measured with 20,000
 * records: 17 us for a read and 12 us for an absent key, against 9 and 4.
 */
import { setTimeout } from 'node:timers/promises'
import { DatabaseSync } from 'node:sqlite'
import { NewerDataError } from './newer-data-error.ts'
import { isBusy } from './sqlite-error.ts'

export const SCHEMA_VERSION = 1

/** How long to wait for another process's lock. */
const BUSY_MS = 10_000

/** A log that one large push has grown is cut back to this at the next checkpoint. */
const LOG_BYTES = 64 * 1024 * 1024

/** Room for a usual manifest in one page. */
export const PAGE_BYTES = 8192

/** Of pages, for each connection. */
const CACHE_KIB = 16 * 1024

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS records (
    pk TEXT NOT NULL COLLATE BINARY,
    sk TEXT NOT NULL COLLATE BINARY,
    item TEXT NOT NULL,
    PRIMARY KEY (pk, sk)
  ) STRICT;
  PRAGMA user_version = ${SCHEMA_VERSION};
`

/** A connection to a file that `createDatabase` has prepared. */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: BUSY_MS })
  try {
    database.exec(`
      PRAGMA synchronous = FULL;
      PRAGMA journal_size_limit = ${LOG_BYTES};
      PRAGMA cache_size = -${CACHE_KIB};
    `)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Creates the file and its schema where they are missing; refuses a newer one before touching it. */
export async function createDatabase(file: string): Promise<void> {
  const end = Date.now() + BUSY_MS
  for (;;) {
    const database = new DatabaseSync(file, { timeout: BUSY_MS })
    try {
      prepare(database, file)
      return
    } catch (error) {
      // The change to WAL does not wait for its lock, and two processes may start at once.
      if (!isBusy(error) || Date.now() > end) throw error
    } finally {
      database.close()
    }
    await setTimeout(20)
  }
}

function prepare(database: DatabaseSync, file: string): void {
  if (versionOf(database, file) === SCHEMA_VERSION) return
  database.exec(
    `PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`,
  )
  database.exec('BEGIN IMMEDIATE')
  if (versionOf(database, file) < SCHEMA_VERSION) database.exec(SCHEMA)
  database.exec('COMMIT')
}

function versionOf(database: DatabaseSync, file: string): number {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version > SCHEMA_VERSION) throw new NewerDataError(file, version, SCHEMA_VERSION)
  return version
}
