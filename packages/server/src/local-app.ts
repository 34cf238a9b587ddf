/** The app of one machine, in whichever thread it serves. */
import type { Issuer } from '@sluice/adapters/identity/issuer'
import { JoseRegistryTokens } from '@sluice/adapters/identity/jose-registry-tokens'
import { registryIdentitiesOver } from '@sluice/adapters/identity/registry-identities-over'
import type { KeyRing } from '@sluice/adapters/identity/signing-keys'
import type { Clock } from '@sluice/core/ports/clock'
import type { IdentityProvider } from '@sluice/core/ports/identity-provider'
import type { Table } from '@sluice/core/ports/table'
import type { Tracer } from '@sluice/core/ports/tracer'
import type { Registry } from '@sluice/core/registry'
import type { RegistryParts } from '@sluice/core/services/registry-parts'
import type { Expose, MetricsOptions } from '@sluice/http/routes/metrics'
import type { App } from './listen.ts'
import type { Log } from '@sluice/core/ports/log'
import type { Operations } from './local-operations.ts'
import { createServerApp } from './server-app.ts'

/** Tokens name it as their audience; each registry has its own keys, so it need not be unique. */
const SERVICE = 'sluice'

export function createLocalApp(parts: {
  readonly registry: Registry
  readonly table: Table
  /** The administrator's, wherever it is checked. */
  readonly passwords: IdentityProvider
  readonly issuers: readonly Issuer[]
  readonly ring: KeyRing
  readonly publicUrl: URL | undefined
  readonly clock: Clock
  readonly operations: Operations
  readonly log: Log
  readonly tracer: Tracer | undefined
  readonly metrics: MetricsOptions | undefined
}): App {
  const { registry, table, passwords, issuers, ring, publicUrl, clock, operations, log } = parts
  const { metrics, tracer } = parts
  const onProblem = (problem: string): void => log.warn('a token cannot be verified', { problem })
  const known = registryIdentitiesOver({
    registry,
    table,
    ring,
    passwords,
    issuers,
    clock,
    onProblem,
    onIssuer: (issuer, failure) => operations.parts.tell('issuers', issuer, failure),
  })
  return createServerApp({
    registry,
    ...known,
    tokens: new JoseRegistryTokens({ ring, service: SERVICE, issuer: SERVICE, clock }),
    issuers,
    service: SERVICE,
    publicUrl: publicUrl?.origin,
    ...operations,
    log,
    tracer,
    metrics: metrics && { ...metrics, expose: exposing(metrics.expose, operations.parts) },
  })
}

const exposing =
  (expose: Expose, parts: Pick<RegistryParts, 'failed' | 'works'>): Expose =>
  async (wish) => {
    try {
      const exposition = await expose(wish)
      await parts.works('exporter')
      return exposition
    } catch (error) {
      await parts.failed('exporter', { problem: 'the metrics could not be read; the log says why' })
      throw error
    }
  }
