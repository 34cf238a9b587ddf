/** How a server reads through other registries; each of its threads has connections of its own. */
import { FileSecrets } from '@sluice/adapters/local/file-secrets'
import { HttpUpstreamDialer } from '@sluice/adapters/upstream/http-upstream-dialer'
import type { Clock } from '@sluice/core/ports/clock'
import type { RegistryPorts } from '@sluice/core/registry'
import type { Metrics } from '@sluice/core/ports/metrics'
import { join } from 'node:path'

const SECRETS = 'secrets'

export function localUpstreams(
  dataDir: string,
  root: string | undefined,
  clock: Clock,
  onProblem: (problem: string) => void,
  metrics: Metrics,
): NonNullable<RegistryPorts['upstreams']> {
  const secrets = new FileSecrets(join(dataDir, SECRETS))
  const onRemaining = (upstream: string, remaining: number): void =>
    metrics.gauge('sluice_upstream_quota_remaining', { upstream }).set(remaining)
  return {
    dialer: (tokens) => new HttpUpstreamDialer({ secrets, tokens, clock, onProblem, onRemaining }),
    ...(root ? { root } : {}),
  }
}
