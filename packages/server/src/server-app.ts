/** The app of a server, over whichever engines: what fails inside goes to the log. */
import type { IdentityProvider } from '@sluice/core/ports/identity-provider'
import type { ApiTokens } from '@sluice/core/ports/api-tokens'
import type { RegistryTokens } from '@sluice/core/ports/registry-tokens'
import type { Health } from '@sluice/core/services/health'
import type { LogReader } from '@sluice/core/ports/log-reader'
import type { Tracer } from '@sluice/core/ports/tracer'
import type { Registry } from '@sluice/core/registry'
import type { RegistryParts } from '@sluice/core/services/registry-parts'
import { createApp } from '@sluice/http/app'
import type { Parts, TrustedIssuer } from '@sluice/http/app-environment'
import type { MetricsOptions } from '@sluice/http/routes/metrics'
import { tracedApp } from '@sluice/http/traced-app'
import type { App } from './listen.ts'
import type { Log } from '@sluice/core/ports/log'

export function createServerApp(parts: {
  readonly registry: Registry
  readonly identities: IdentityProvider
  readonly tokens: RegistryTokens
  readonly apiTokens: ApiTokens
  readonly issuers: readonly TrustedIssuer[]
  readonly service: string
  /** `https://host[:port]`; without it, what clients say in Host. */
  readonly publicUrl: string | undefined
  readonly health: Health
  readonly parts?: RegistryParts
  readonly logs?: LogReader
  readonly log: Log
  readonly tracer?: Tracer | undefined
  readonly metrics?: MetricsOptions | undefined
}): App {
  const {
    registry,
    identities,
    tokens,
    apiTokens,
    issuers,
    service,
    publicUrl,
    health,
    log,
    tracer,
    metrics,
  } = parts
  const served: Parts = {
    registry,
    identities,
    tokens,
    apiTokens,
    issuers,
    service,
    ...(publicUrl !== undefined && { publicUrl }),
    health,
    ...(parts.parts && { parts: parts.parts }),
    ...(parts.logs && { logs: parts.logs }),
    onFailure: (error, request) => {
      if (isClientGone(error)) log.debug('a client went away', request)
      else log.error('a request failed', request, error)
    },
  }
  const app = createApp(served, metrics)
  return tracer ? tracedApp(app, tracer) : app
}

const isClientGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ECONNRESET'
