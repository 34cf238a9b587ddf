/** The registry of one machine: the services over one data directory. */
import { FileBlobStore } from '@sluice/adapters/local/file-blob-store'
import { NewerDataError } from '@sluice/adapters/local/newer-data-error'
import { SqliteTable } from '@sluice/adapters/local/sqlite-table'
import type { Policy } from '@sluice/core/policy'
import type { Clock } from '@sluice/core/ports/clock'
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Table } from '@sluice/core/ports/table'
import { createRegistry, type Registry } from '@sluice/core/registry'
import { randomUUID } from 'node:crypto'
import type { Config } from './config.ts'
import { findDataDirectory, openDataDirectory, type DataDirectory } from './data-directory.ts'
import type { ServingPorts } from './serving-ports.ts'
import { StartFailure } from './start-failure.ts'

export interface LocalRegistry {
  readonly registry: Registry
  readonly table: SqliteTable
  readonly directory: DataDirectory
  /** For every thread that serves the same registry. */
  readonly policy: Partial<Policy>
  close(): Promise<void>
}

type Settings = Pick<Config, 'dataDir' | 'grace' | 'uploadIdle'>

/** For the server, which alone has what is `serving`. Its directory is its alone, so whoever claimed an upload before it came is dead. */
export async function openLocalRegistry(
  config: Settings,
  clock: Clock,
  serving: (table: Table) => ServingPorts = () => ({}),
): Promise<LocalRegistry> {
  const directory = await openDataDirectory(config.dataDir)
  const policy = { ...policyOf(config), claimant: randomUUID() }
  return openRegistryIn(directory, policy, clock, serving)
}

/** The same, whether a server runs over the directory or not; never makes one. */
export async function openRegistryBesideServer(
  config: Settings,
  clock: Clock,
): Promise<LocalRegistry> {
  return openRegistryIn(await findDataDirectory(config.dataDir), policyOf(config), clock)
}

async function openRegistryIn(
  directory: DataDirectory,
  policy: Partial<Policy>,
  clock: Clock,
  serving?: (table: Table) => ServingPorts,
): Promise<LocalRegistry> {
  const keepsRoom = serving !== undefined
  const table = await openTable(directory.tableFile, keepsRoom).catch((error: unknown) => {
    directory.close()
    throw error
  })
  const store = new FileBlobStore(directory.path)
  const registry = createRegistry({ table, store, clock, ...serving?.(table) }, policy)
  return {
    registry,
    table,
    directory,
    policy,
    close: async () => {
      await table.close()
      directory.close()
    },
  }
}

const policyOf = ({ grace, uploadIdle }: Settings): Partial<Policy> => ({
  grace: grace * 1000,
  uploadIdle: uploadIdle * 1000,
})

async function openTable(file: string, keepsRoom: boolean): Promise<SqliteTable> {
  try {
    return await SqliteTable.open(file, { keepsRoom })
  } catch (error) {
    if (error instanceof NewerDataError) throw new StartFailure(error.message, { cause: error })
    if (error instanceof StorageError) {
      throw new StartFailure(`${file} cannot be opened: ${error.message}`, { cause: error })
    }
    throw error
  }
}
