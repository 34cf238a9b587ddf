/**
 * Checks of the storage, measured as OpenShift's registry measures its own: a disk that is full shows also while nobody
 * pushes.
 */
import type { Metrics } from '../ports/metrics.ts'
import type { HealthCheck } from '../services/health.ts'
import { StorageCalls } from './storage-calls.ts'

export function observedChecks(
  checks: readonly HealthCheck[],
  metrics: Metrics,
): readonly HealthCheck[] {
  const calls = new StorageCalls(metrics, 'StorageDriver.Stat')
  return checks.map((one) => ({ ...one, check: () => calls.measure(one.check) }))
}
