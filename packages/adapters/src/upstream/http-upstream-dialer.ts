import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { BoundedMap } from '@sluice/core/bounded-map'
import type { Clock } from '@sluice/core/ports/clock'
import type { Secrets } from '@sluice/core/ports/secrets'
import type { SharedTokens } from '@sluice/core/ports/shared-tokens'
import { UpstreamError, type UpstreamDialer } from '@sluice/core/ports/upstream'
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'
import { Authorizations } from './authorizations.ts'
import { ClientRedirects } from './client-redirects.ts'
import { Connections } from './connections.ts'
import type { FetchEcrLogin } from './ecr-login.ts'
import { GoogleTokens } from './google-tokens.ts'
import { HttpUpstream } from './http-upstream.ts'
import { publicLookup } from './public-lookup.ts'
import { Questions } from './questions.ts'
import { RefuseAnswer } from './refuse-answer.ts'
import { TokenService } from './token-service.ts'
import { TRANSFER_LIMITS, type TransferLimits } from './transfer-limits.ts'
import { Turns } from './turns.ts'

export interface HttpUpstreamDialerOptions {
  readonly secrets: Secrets
  readonly tokens: SharedTokens
  readonly clock: Clock
  /** For the log: host and code of what went wrong, which no client is told. Never a query, a token or a password. */
  readonly onProblem: (problem: string) => void
  /** Told of the pulls that an upstream says are left (`ratelimit-remaining` of Docker Hub). */
  readonly onRemaining?: (upstream: string, remaining: number) => void
  /** For credentials of type `ecr`; without it they are refused. */
  readonly fetchEcrLogin?: FetchEcrLogin
  readonly limits?: Partial<TransferLimits>
  /** Instead of the machine's own resolver. */
  readonly lookup?: LookupFunction
}

/** More than any registry is set up with; settings that changed leave theirs to go in time. */
const MOST = 1000

export class HttpUpstreamDialer implements UpstreamDialer {
  readonly #options: HttpUpstreamDialerOptions
  readonly #dialed = new BoundedMap<string, HttpUpstream>(MOST)
  readonly #remaining = new BoundedMap<string, number>(MOST)

  constructor(options: HttpUpstreamDialerOptions) {
    this.#options = options
  }

  dial(name: string, settings: UpstreamSettings, via: readonly string[] = []): HttpUpstream {
    const key = JSON.stringify([name, settings])
    const dialed = this.#dialed.get(key) ?? this.#open(name, settings)
    this.#dialed.set(key, dialed)
    return dialed.through(via)
  }

  /** How many pulls the upstream said are left (`ratelimit-remaining` of Docker Hub); `undefined` where it does not say. */
  remaining(name: string): number | undefined {
    return this.#remaining.get(name)
  }

  #open(upstream: string, settings: UpstreamSettings): HttpUpstream {
    const { secrets, tokens, clock, onProblem, fetchEcrLogin } = this.#options
    const limits = { ...TRANSFER_LIMITS, ...this.#options.limits }
    const resolver = this.#options.lookup ?? lookup
    const bases = settings.urls.map((url) => {
      if (URL.canParse(url)) return new URL(url)
      throw new UpstreamError(upstream, 'forbidden', 'has an address that is none')
    })
    const [owner] = bases
    if (!owner) throw new UpstreamError(upstream, 'forbidden', 'has no address')

    const connections = new Connections({
      upstream,
      settings,
      limits,
      lookup: settings.privateAddresses ? resolver : publicLookup(resolver),
      onProblem,
      onRemaining: (remaining) => {
        this.#remaining.set(upstream, remaining)
        this.#options.onRemaining?.(upstream, remaining)
      },
    })
    const refuse = new RefuseAnswer(upstream, clock)
    const tokenService = new TokenService(upstream, connections, clock, refuse)
    const authorizations = new Authorizations({
      upstream,
      settings,
      owner,
      secrets,
      tokens,
      tokenService,
      googleTokens: new GoogleTokens(upstream, connections, clock, refuse),
      clock,
      fetchEcrLogin,
      onProblem,
    })
    return new HttpUpstream({
      name: upstream,
      bases,
      questions: new Questions(upstream, connections, authorizations, refuse),
      redirects: new ClientRedirects(settings, resolver),
      limits,
      turns: new Turns(settings.concurrency),
    })
  }
}
