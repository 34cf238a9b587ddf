/** Puts together whom a registry knows. */
import type { ApiTokens } from '@sluice/core/ports/api-tokens'
import type { Clock } from '@sluice/core/ports/clock'
import type { IdentityProvider } from '@sluice/core/ports/identity-provider'
import type { Table } from '@sluice/core/ports/table'
import type { Registry } from '@sluice/core/registry'
import { tokensValidAfter } from '@sluice/core/services/service-account-kind'
import { IssuerKeyRecords } from './issuer-key-records.ts'
import type { IssuerTold } from './issuer-keys.ts'
import type { Issuer } from './issuer.ts'
import { JoseApiTokens } from './jose-api-tokens.ts'
import { JwtIdentityProvider } from './jwt-identity-provider.ts'
import { RegistryIdentities } from './registry-identities.ts'
import { ServiceAccountFinder } from './service-account-finder.ts'
import type { KeyRing } from './signing-keys.ts'

export interface IdentityOptions {
  readonly registry: Pick<Registry, 'administrator' | 'serviceAccounts'>
  readonly table: Table
  readonly ring: KeyRing
  readonly passwords: IdentityProvider
  readonly issuers: readonly Issuer[]
  readonly clock: Clock
  readonly onProblem: (problem: string) => void
  readonly onIssuer?: IssuerTold
}

export function registryIdentitiesOver({
  registry,
  table,
  ring,
  passwords,
  issuers,
  clock,
  onProblem,
  onIssuer,
}: IdentityOptions): { readonly identities: IdentityProvider; readonly apiTokens: ApiTokens } {
  const accounts = new ServiceAccountFinder(async (namespace, name) => {
    const account = await registry.serviceAccounts.get(namespace, name)
    return account && { uid: account.meta.uid, tokensValidAfter: tokensValidAfter(account) }
  }, clock)
  const apiTokens = new JoseApiTokens(ring, clock, accounts)
  const foreign = new JwtIdentityProvider(issuers, clock, new IssuerKeyRecords(table), onIssuer)
  const identities = new RegistryIdentities({
    passwords,
    foreign,
    own: apiTokens,
    isAdministratorGone: () => registry.administrator.isGone(),
    onProblem,
  })
  return { identities, apiTokens }
}
