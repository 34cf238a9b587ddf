/** The app of one machine, in whichever thread it serves. */
import { JoseRegistryTokens } from '@sluice/adapters/identity/jose-registry-tokens'
import type { SigningKeys } from '@sluice/adapters/identity/signing-keys'
import type { Clock } from '@sluice/core/ports/clock'
import type { IdentityProvider } from '@sluice/core/ports/identity-provider'
import type { Registry } from '@sluice/core/registry'
import { createApp } from '@sluice/http/app'
import type { App } from './listen.ts'
import type { Log } from './log.ts'

/** Tokens name it as their audience; each registry has its own keys, so it need not be unique. */
const SERVICE = 'sluice'

export function createLocalApp(parts: {
  readonly registry: Registry
  readonly identities: IdentityProvider
  readonly keys: SigningKeys
  readonly publicUrl: URL | undefined
  readonly clock: Clock
  readonly log: Log
}): App {
  const { registry, identities, keys, publicUrl, clock, log } = parts
  return createApp({
    registry,
    identities,
    tokens: new JoseRegistryTokens({ keys, service: SERVICE, issuer: SERVICE, clock }),
    service: SERVICE,
    ...(publicUrl && { publicUrl: publicUrl.origin }),
    onFailure: (error, request) => {
      if (isClientGone(error)) log.debug('a client went away', request)
      else log.error('a request failed', request, error)
    },
  })
}

const isClientGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ECONNRESET'
