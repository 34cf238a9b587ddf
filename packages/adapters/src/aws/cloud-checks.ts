/** Whether the engines of the cloud answer, for whoever asks how the registry is: one call to each. */
import type { BlobStore } from '@sluice/core/ports/blob-store'
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Table } from '@sluice/core/ports/table'
import { checkKey } from '@sluice/core/records/keys'
import type { HealthCheck } from '@sluice/core/services/health'

export const cloudChecks = (
  table: Pick<Table, 'get'>,
  store: Pick<BlobStore, 'list'>,
): readonly HealthCheck[] => [
  { name: 'table', gates: true, check: () => answering('DynamoDB', table.get(checkKey)) },
  { name: 'blob-store', gates: true, check: () => answering('S3', store.list({ limit: 1 })) },
]

/** What an engine says of its failure is for the log: it may name accounts and addresses. */
async function answering(engine: string, call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch (cause) {
    const full = cause instanceof StorageError && cause.reason === 'full'
    throw new Error(full ? `${engine} has no room` : `${engine} does not answer`, { cause })
  }
}
