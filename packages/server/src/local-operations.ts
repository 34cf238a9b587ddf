/** How a server of one machine is, what it consists of and what it logged: of each of its threads. */
import { issuersPart } from '@sluice/adapters/identity/issuers-part'
import { localChecks } from '@sluice/adapters/local/local-checks'
import { KeptLogReader } from '@sluice/adapters/log/kept-log-reader'
import { observedChecks } from '@sluice/core/observed/observed-checks'
import type { Clock } from '@sluice/core/ports/clock'
import type { Metrics } from '@sluice/core/ports/metrics'
import type { Table } from '@sluice/core/ports/table'
import { Health } from '@sluice/core/services/health'
import { queuePart } from '@sluice/core/services/queue-part'
import { RegistryParts, type KnownPart } from '@sluice/core/services/registry-parts'
import type { DataDirectory } from './data-directory.ts'
import { eventsQueue } from './local-events.ts'

const PARTS: readonly KnownPart[] = [
  { name: 'server' },
  { name: 'table', check: 'table' },
  { name: 'blob-store', check: 'blob-store' },
  { name: 'disk', check: 'disk' },
  { name: 'upstreams' },
  { name: 'sweep', runs: true },
]

export interface Operations {
  readonly health: Health
  readonly parts: RegistryParts
  readonly logs: KeptLogReader
}

/** `exposes`: whether metrics can be asked for; `metrics`: of the one thread whose checks are counted. */
export function localOperations(
  table: Table,
  directory: Pick<DataDirectory, 'path' | 'tableFile' | 'logFile'>,
  clock: Clock,
  exposes: boolean,
  metrics?: Metrics,
): Operations {
  const checks = localChecks(table, directory)
  const health = new Health(metrics ? observedChecks(checks, metrics) : checks, clock)
  const known = [
    ...PARTS,
    issuersPart(table),
    queuePart(eventsQueue(table, clock), clock),
    ...(exposes ? [{ name: 'exporter' }] : []),
  ]
  return {
    health,
    parts: new RegistryParts(table, clock, known, health),
    logs: new KeptLogReader('server', directory.logFile),
  }
}
