import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileBlobStore } from '@sluice/adapters/local/file-blob-store'
import { SqliteTable } from '@sluice/adapters/local/sqlite-table'
import type { Policy } from '@sluice/core/policy'
import type { Clock } from '@sluice/core/ports/clock'
import { createRegistry, type Registry } from '@sluice/core/registry'

/** Begins at the real time, because files carry it, and stands still until it is told to go on. */
export interface SettableClock extends Clock {
  /** Milliseconds since the epoch. */
  set(now: number): void
  advance(milliseconds: number): void
}

export interface TemporaryRegistry {
  readonly registry: Registry
  readonly table: SqliteTable
  readonly store: FileBlobStore
  readonly clock: SettableClock
  /** Objects lie here under their keys. */
  readonly objects: string
  /** Closes the table and removes all files. */
  close(): Promise<void>
}

/** A registry over the local adapters, in a temporary directory. It has no projects yet. */
export async function openTemporaryRegistry(
  settings: Partial<Policy> = {},
): Promise<TemporaryRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-registry-'))
  const objects = join(directory, 'objects')
  const table = await SqliteTable.open(join(directory, 'records.db'))
  const store = new FileBlobStore(objects)
  const clock = settableClock()
  return {
    registry: createRegistry({ table, store, clock }, settings),
    table,
    store,
    clock,
    objects,
    close: async () => {
      await table.close()
      await rm(directory, { recursive: true })
    },
  }
}

export function settableClock(): SettableClock {
  let time = Date.now()
  return {
    now: () => time,
    set: (now) => {
      time = now
    },
    advance: (milliseconds) => {
      time += milliseconds
    },
  }
}
