import type { Registry } from '@sluice/core/registry'
import type { IdentityProvider } from '@sluice/core/ports/identity-provider'
import type { ApiTokens } from '@sluice/core/ports/api-tokens'
import type { LogFields } from '@sluice/core/ports/log'
import type { RegistryTokens } from '@sluice/core/ports/registry-tokens'
import type { Health } from '@sluice/core/services/health'
import type { LogReader } from '@sluice/core/ports/log-reader'
import type { RegistryParts } from '@sluice/core/services/registry-parts'
import type { Context } from 'hono'
import type { DoorBindings } from './door-bindings.ts'

/** An identity provider that the registry trusts, as far as anybody may know of it. */
export interface TrustedIssuer {
  readonly url: string
  /** The client as which people log in there; without it the registry sends nobody to it. */
  readonly clientId?: string
  readonly scopes: readonly string[]
}

/** What the routes are made of. */
export interface Parts {
  readonly registry: Registry
  readonly identities: IdentityProvider
  readonly tokens: RegistryTokens
  /** The registry's own issuer. */
  readonly apiTokens: ApiTokens
  readonly issuers: readonly TrustedIssuer[]
  /** The audience that clients name when they ask for a token. */
  readonly service: string
  /** `https://host[:port]` where clients reach the registry; without it, what they say in Host. */
  readonly publicUrl?: string
  /** Without it, the registry only says that it is there. */
  readonly health?: Health
  /** What the registry consists of, and what it logged; without them nothing is told of either. */
  readonly parts?: RegistryParts
  readonly logs?: LogReader
  /** Told of every failure that is no refusal. */
  readonly onFailure?: (error: unknown, request: LogFields) => void
}

export type AppEnvironment = { Bindings: DoorBindings }
export type AppContext = Context<AppEnvironment>
