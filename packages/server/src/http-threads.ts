/**
 * More threads that serve on the same address, one for each further core: the kernel gives each new connection to one of
 * them (SO_REUSEPORT). They share what there must be one of: the writer of the table, the count of its commits, the
 * logins and the meter that is asked. All else they agree on through the records, as servers on different machines would.
 */
import { serveIdentities } from '@sluice/adapters/identity/identity-over-port'
import type { Issuer } from '@sluice/adapters/identity/issuer'
import type { SqliteJoin, SqliteTable } from '@sluice/adapters/local/sqlite-table'
import type { WholeMeter } from '@sluice/adapters/metrics/whole-meter'
import type { IdentityProvider } from '@sluice/core/ports/identity-provider'
import type { Policy } from '@sluice/core/policy'
import type { AuditLevel } from '@sluice/core/services/audit-to'
import type { DataDirectory } from './data-directory.ts'
import { once } from 'node:events'
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import type { KeptLogOptions } from '@sluice/adapters/log/kept-log'
import type { LineLogOptions } from '@sluice/adapters/log/line-log'

export interface ThreadData {
  readonly table: SqliteJoin
  readonly identities: MessagePort
  readonly meter: MessagePort
  readonly metrics: boolean
  readonly metricsSecret: string | undefined
  readonly issuers: readonly Issuer[]
  readonly directory: Omit<DataDirectory, 'close'>
  readonly rootUpstream: string
  readonly policy: Partial<Policy>
  readonly publicUrl: string | undefined
  readonly listen: { readonly address: string; readonly port: number; readonly access: boolean }
  readonly tls: { readonly cert: Uint8Array; readonly key: Uint8Array } | undefined
  readonly log: LineLogOptions
  readonly kept: KeptLogOptions
  readonly audit: AuditLevel
}

export interface ThreadOrder {
  readonly graceMs: number
}

export interface HttpThreads {
  close(graceMs: number): Promise<void>
}

export async function startHttpThreads(
  count: number,
  table: SqliteTable,
  provider: IdentityProvider,
  meter: WholeMeter,
  data: Omit<ThreadData, 'table' | 'identities' | 'meter'>,
): Promise<HttpThreads> {
  const workers = await Promise.all(
    Array.from({ length: count }, () => start(table, provider, meter, data)),
  )
  return {
    close: async (graceMs) => {
      const ended = workers.map((worker) => once(worker, 'exit'))
      for (const worker of workers) worker.postMessage({ graceMs } satisfies ThreadOrder)
      await Promise.all(ended)
    },
  }
}

async function start(
  table: SqliteTable,
  provider: IdentityProvider,
  meter: WholeMeter,
  data: Omit<ThreadData, 'table' | 'identities' | 'meter'>,
): Promise<Worker> {
  const { port1, port2 } = new MessageChannel()
  serveIdentities(port1, provider)
  const workerData: ThreadData = {
    ...data,
    table: table.join(),
    identities: port2,
    meter: meter.join(),
  }
  const worker = new Worker(new URL('./http-thread.ts', import.meta.url), {
    workerData,
    transferList: [workerData.table.writer, port2, workerData.meter],
  })
  // A defect there ends the process, as one in the main thread does: `error` without a listener is thrown here.
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
  })
  worker.on('error', (error: unknown) => {
    throw error
  })
  return worker
}
