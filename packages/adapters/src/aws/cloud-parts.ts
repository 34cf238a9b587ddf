import type { Clock } from '@sluice/core/ports/clock'
import type { Table } from '@sluice/core/ports/table'
import type { WatchedQueue } from '@sluice/core/ports/queue'
import { queuePart } from '@sluice/core/services/queue-part'
import type { KnownPart } from '@sluice/core/services/registry-parts'
import { issuersPart } from '../identity/issuers-part.ts'

/** What a registry in the cloud consists of. An upload door is there once it has started. */
export const cloudParts = (
  table: Table,
  jobs: WatchedQueue | undefined,
  clock: Clock,
  uploadDoor = true,
): readonly KnownPart[] => [
  { name: 'api' },
  { name: 'fill' },
  { name: 'sweep', runs: true },
  { name: 'exporter' },
  { name: 'table', check: 'table' },
  { name: 'blob-store', check: 'blob-store' },
  issuersPart(table),
  ...(uploadDoor ? [] : [{ name: 'upload-door', removed: true }]),
  ...(jobs ? [{ name: 'upstreams' }, queuePart(jobs, clock)] : []),
]
