import type { Registry } from '@sluice/core/registry'
import type { IdentityProvider } from '@sluice/core/ports/identity-provider'
import type { ApiTokens } from '@sluice/core/ports/api-tokens'
import type { RegistryTokens } from '@sluice/core/ports/registry-tokens'
import type { Context } from 'hono'
import type { DoorBindings } from './door-bindings.ts'

/** What the routes are made of. */
export interface Parts {
  readonly registry: Registry
  readonly identities: IdentityProvider
  readonly tokens: RegistryTokens
  /** The registry's own issuer. */
  readonly apiTokens: ApiTokens
  /** The audience that clients name when they ask for a token. */
  readonly service: string
  /** `https://host[:port]` where clients reach the registry; without it, what they say in Host. */
  readonly publicUrl?: string
  /** Told of every failure that is no refusal. */
  readonly onFailure?: (error: unknown, request: { method: string; path: string }) => void
}

export type AppEnvironment = { Bindings: DoorBindings }
export type AppContext = Context<AppEnvironment>
