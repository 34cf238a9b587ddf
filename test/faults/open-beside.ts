/** A server's data directory opened by this process too, as `npm run fsck` and `npm run sweep` do. */
import { join } from 'node:path'
import { FileBlobStore } from '@sluice/adapters/local/file-blob-store'
import { SqliteTable } from '@sluice/adapters/local/sqlite-table'
import type { Policy } from '@sluice/core/policy'
import type { Clock } from '@sluice/core/ports/clock'
import { createRegistry, type Registry } from '@sluice/core/registry'
import { createApp } from '@sluice/http/app'
import type { Door } from './ask.ts'

export interface Beside {
  readonly registry: Registry
  readonly table: SqliteTable
  readonly store: FileBlobStore
  /** The whole registry, without a server. */
  readonly door: Door
  /** Kinds and places of all that a check finds wrong. */
  fsck(options?: { readonly deep?: boolean; readonly pause?: number }): Promise<string[]>
  close(): Promise<void>
}

export async function openBeside(
  dataDir: string,
  { clock = { now: () => Date.now() }, ...policy }: Partial<Policy> & { clock?: Clock } = {},
): Promise<Beside> {
  const table = await SqliteTable.open(join(dataDir, 'sluice.db'))
  const store = new FileBlobStore(dataDir)
  const registry = createRegistry({ table, store, clock }, policy)
  const administrator = { user: 'kubeadmin', groups: ['system:cluster-admins'] }
  const app = createApp({
    registry,
    identities: { identify: async () => administrator },
    tokens: {
      issue: async () => ({ token: '', expiresIn: 60 }),
      verify: async () => ({ identity: administrator, access: [] }),
    },
    apiTokens: {
      issue: async () => ({ token: '', expiresAt: 0 }),
      keySet: async () => ({ keys: [] }),
    },
    issuers: [],
    service: 'sluice',
  })
  return {
    registry,
    table,
    store,
    door: async (path, init) => {
      const headers: Record<string, string> = {
        ...(init.headers as Record<string, string>),
        authorization: 'Basic YTpi',
        // A server's client sends it.
        ...(init.body instanceof Uint8Array && { 'content-length': String(init.body.byteLength) }),
      }
      return app.request(path, { ...init, headers })
    },
    fsck: async (options = {}) => {
      const { problems } = await registry.checker.check(options)
      return problems.map(({ kind, where, detail }) => `fsck: ${kind} ${where}: ${detail}`)
    },
    close: () => table.close(),
  }
}
