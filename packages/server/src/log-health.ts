import type { Log } from '@sluice/core/ports/log'
import type { CheckResult } from '@sluice/core/services/health'

/** Of a part that has begun or ceased to fail. */
export function logHealth(log: Log, { name, problem }: CheckResult): void {
  if (problem === undefined) log.info('a health check passes again', { check: name })
  else log.error('a health check failed', { check: name, problem })
}
