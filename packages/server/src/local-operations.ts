/** How a server of one machine is, what it consists of and what it logged: of each of its threads. */
import { localChecks } from '@sluice/adapters/local/local-checks'
import { KeptLogReader } from '@sluice/adapters/log/kept-log-reader'
import { observedChecks } from '@sluice/core/observed/observed-checks'
import type { Clock } from '@sluice/core/ports/clock'
import type { Metrics } from '@sluice/core/ports/metrics'
import type { Table } from '@sluice/core/ports/table'
import { Health } from '@sluice/core/services/health'
import { RegistryParts, type KnownPart } from '@sluice/core/services/registry-parts'
import type { DataDirectory } from './data-directory.ts'

const PARTS: readonly KnownPart[] = [
  { name: 'server' },
  { name: 'table', check: 'table' },
  { name: 'blob-store', check: 'blob-store' },
  { name: 'disk', check: 'disk' },
  { name: 'upstreams' },
  { name: 'issuers' },
  { name: 'sweep', runs: true },
]

export interface Operations {
  readonly health: Health
  readonly parts: RegistryParts
  readonly logs: KeptLogReader
}

/** `metrics`: of the one thread whose checks are counted. */
export function localOperations(
  table: Table,
  directory: Pick<DataDirectory, 'path' | 'tableFile' | 'logFile'>,
  clock: Clock,
  metrics?: Metrics,
): Operations {
  const checks = localChecks(table, directory)
  const health = new Health(metrics ? observedChecks(checks, metrics) : checks, clock)
  return {
    health,
    parts: new RegistryParts(table, clock, PARTS, health),
    logs: new KeptLogReader('server', directory.logFile),
  }
}
