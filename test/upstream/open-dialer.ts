import {
  HttpUpstreamDialer,
  type HttpUpstreamDialerOptions,
} from '@sluice/adapters/upstream/http-upstream-dialer'
import { MemoryTokens } from './memory-tokens.ts'

export interface OpenDialer {
  readonly dialer: HttpUpstreamDialer
  /** What went to the log. */
  readonly problems: readonly string[]
  readonly tokens: MemoryTokens
  readonly secrets: Map<string, string>
}

/** A dialer with secrets and tokens in memory, that waits less long than the real one. */
export function openDialer(options: Partial<HttpUpstreamDialerOptions> = {}): OpenDialer {
  const problems: string[] = []
  const secrets = new Map<string, string>()
  const tokens = new MemoryTokens()
  const dialer = new HttpUpstreamDialer({
    secrets: { read: (name) => Promise.resolve(secrets.get(name)) },
    tokens,
    clock: { now: Date.now },
    onProblem: (problem) => problems.push(problem),
    ...options,
  })
  return { dialer, problems, tokens, secrets }
}
