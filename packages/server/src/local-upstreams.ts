/** How a server reads through other registries; each of its threads has connections of its own. */
import { FileSecrets } from '@sluice/adapters/local/file-secrets'
import { HttpUpstreamDialer } from '@sluice/adapters/upstream/http-upstream-dialer'
import type { Clock } from '@sluice/core/ports/clock'
import type { RegistryPorts } from '@sluice/core/registry'
import type { CircuitTold } from '@sluice/core/services/circuit'
import type { Log } from '@sluice/core/ports/log'
import type { Metrics } from '@sluice/core/ports/metrics'
import { join } from 'node:path'
import { pseudonymIn } from './pseudonym-in.ts'

const SECRETS = 'secrets'

export function localUpstreams(
  dataDir: string,
  root: string,
  clock: Clock,
  log: Log,
  metrics: Metrics,
  told: CircuitTold,
): NonNullable<RegistryPorts['upstreams']> {
  const secrets = new FileSecrets(join(dataDir, SECRETS))
  const onProblem = (problem: string): void => log.warn('an upstream does not answer', { problem })
  const onRemaining = (upstream: string, remaining: number): void =>
    metrics.gauge('sluice_upstream_quota_remaining', { upstream }).set(remaining)
  return {
    dialer: (tokens) => new HttpUpstreamDialer({ secrets, tokens, clock, onProblem, onRemaining }),
    pseudonym: pseudonymIn(dataDir),
    told,
    onUnkept: (error) => log.error('a blob was sent on, and could not be kept', {}, error),
    ...(root ? { root } : {}),
  }
}
