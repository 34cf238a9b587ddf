import type { KnownPart } from '@sluice/core/services/registry-parts'

/** What a registry in the cloud consists of. */
export const CLOUD_PARTS: readonly KnownPart[] = [
  { name: 'api' },
  { name: 'fill' },
  { name: 'sweep', runs: true },
  { name: 'exporter' },
  { name: 'table', check: 'table' },
  { name: 'blob-store', check: 'blob-store' },
]
