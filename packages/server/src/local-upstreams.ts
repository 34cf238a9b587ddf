/** How a server reads through other registries; each of its threads has connections of its own. */
import { FileSecrets } from '@sluice/adapters/local/file-secrets'
import { HttpUpstreamDialer } from '@sluice/adapters/upstream/http-upstream-dialer'
import type { Clock } from '@sluice/core/ports/clock'
import type { RegistryPorts } from '@sluice/core/registry'
import { join } from 'node:path'

const SECRETS = 'secrets'

export function localUpstreams(
  dataDir: string,
  root: string | undefined,
  clock: Clock,
  onProblem: (problem: string) => void,
): NonNullable<RegistryPorts['upstreams']> {
  const secrets = new FileSecrets(join(dataDir, SECRETS))
  return {
    dialer: (tokens) => new HttpUpstreamDialer({ secrets, tokens, clock, onProblem }),
    ...(root ? { root } : {}),
  }
}
