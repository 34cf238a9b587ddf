/** What a thread that serves has beside table, store and clock: who is read through, who is told, who measures. */
import type { Clock } from '@sluice/core/ports/clock'
import type { Log } from '@sluice/core/ports/log'
import type { Metrics } from '@sluice/core/ports/metrics'
import type { Table } from '@sluice/core/ports/table'
import type { Tracer } from '@sluice/core/ports/tracer'
import type { RegistryPorts } from '@sluice/core/registry'
import { auditTo } from '@sluice/core/services/audit-to'
import type { CircuitTold } from '@sluice/core/services/circuit'
import type { Config } from './config.ts'
import { localEvents } from './local-events.ts'
import { localUpstreams } from './local-upstreams.ts'

export type ServingPorts = Omit<RegistryPorts, 'table' | 'store' | 'clock'>

export function servingPorts(
  {
    dataDir,
    rootUpstream,
    audit,
    metrics,
  }: Pick<Config, 'audit' | 'dataDir' | 'metrics' | 'rootUpstream'>,
  parts: {
    readonly table: Table
    readonly clock: Clock
    readonly log: Log
    readonly meter: Metrics
    readonly tracer: Tracer | undefined
    /** Of upstreams. */
    readonly told: CircuitTold
  },
): ServingPorts {
  const { table, clock, log, meter, tracer, told } = parts
  const audited = auditTo(audit, log)
  return {
    upstreams: localUpstreams(dataDir, rootUpstream, clock, log, meter, told),
    events: localEvents(dataDir, table, clock, log),
    ...(metrics && { metrics: meter }),
    ...(audited && { audit: audited }),
    ...(tracer && { tracer }),
  }
}
