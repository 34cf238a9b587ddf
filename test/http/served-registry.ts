/** A registry with everything real behind the app: its files and records in a temporary directory, its own keys. */
import { KeyObject, randomBytes, randomUUID, scryptSync } from 'node:crypto'
import { generateKeyPair } from 'jose'
import {
  AdminIdentityProvider,
  ADMIN_USER,
} from '@sluice/adapters/identity/admin-identity-provider'
import type { Issuer } from '@sluice/adapters/identity/issuer'
import { JoseRegistryTokens } from '@sluice/adapters/identity/jose-registry-tokens'
import type { PasswordHash } from '@sluice/adapters/identity/password-hash'
import { registryIdentitiesOver } from '@sluice/adapters/identity/registry-identities-over'
import type { SigningKeys } from '@sluice/adapters/identity/signing-keys'
import { TableQueue } from '@sluice/adapters/local/table-queue'
import { HttpWebhookSender } from '@sluice/adapters/webhooks/http-webhook-sender'
import { cloudChecks } from '@sluice/adapters/aws/cloud-checks'
import { HttpUpstreamDialer } from '@sluice/adapters/upstream/http-upstream-dialer'
import type { Policy } from '@sluice/core/policy'
import type { BlobStore } from '@sluice/core/ports/blob-store'
import type { LogFields } from '@sluice/core/ports/log'
import type { SharedTokens } from '@sluice/core/ports/shared-tokens'
import type { Table } from '@sluice/core/ports/table'
import { createRegistry, type Registry } from '@sluice/core/registry'
import { parseProjectName } from '@sluice/core/repository-name'
import { Health } from '@sluice/core/services/health'
import { RegistryParts } from '@sluice/core/services/registry-parts'
import { pseudonymOf } from '@sluice/core/upstream/pseudonym'
import { auditTo } from '@sluice/core/services/audit-to'
import type { Parts } from '@sluice/http/app-environment'
import { openTemporaryRegistry, type SettableClock } from '../temporary-registry.ts'
import { CountingBlobStore } from './counting-blob-store.ts'
import { ringOf } from '../identity/ring-of.ts'

export const PASSWORD = 'correct horse: battery staple'
/** Where events lie until a test has them delivered. */
export const EVENTS_QUEUE = 'events'
export const SERVICE = 'sluice'

export const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

export const ADMIN = basic(ADMIN_USER, PASSWORD)

const KNOWN = [
  { name: 'server' },
  { name: 'table', check: 'table' },
  { name: 'blob-store', check: 'blob-store' },
  { name: 'sweep', runs: true },
]

/** What a registry keeps its records and its bytes in, empty, and the time that it goes by. */
export interface Rooms {
  readonly table: Table
  readonly store: BlobStore
  readonly clock: SettableClock
  close(): Promise<void>
}

export interface AuditLine {
  readonly message: string
  readonly fields: LogFields
}

export type OpenRooms = () => Promise<Rooms>

export interface ServedRegistry {
  readonly temporary: Rooms
  readonly registry: Registry
  readonly store: CountingBlobStore
  readonly keys: SigningKeys
  readonly parts: Parts
  /** What the app could not answer for: empty in every test that does not cut connections. */
  readonly failures: unknown[]
  /** Why tokens could not be verified or upstreams not asked, as the log is told. */
  readonly problems: readonly string[]
  /** Of everything, pulls too. */
  readonly audited: AuditLine[]
  /** Of upstreams and webhooks. */
  readonly secrets: Map<string, string>
}

/**
 * Projects `default` (private), `public` (anyone pulls) and `deep` (deep names). The administrator's password is known
 * to the identity provider as it is to a server that has just started.
 */
export async function openServedRegistry(
  settings: Partial<Policy> = {},
  openRooms: OpenRooms = openTemporaryRegistry,
  issuers: readonly Issuer[] = [],
): Promise<ServedRegistry> {
  const temporary = await openRooms()
  const { table, clock } = temporary
  const store = new CountingBlobStore(temporary.store)
  const failures: unknown[] = []
  const problems: string[] = []
  const onProblem = (problem: string): void => void problems.push(problem)
  const secrets = new Map<string, string>()
  const dialer = (tokens: SharedTokens) =>
    new HttpUpstreamDialer({
      secrets: { read: async (name) => secrets.get(name) },
      tokens,
      clock,
      onProblem,
    })
  const upstreams = { dialer, pseudonym: pseudonymOf(randomUUID()) }
  const audited: AuditLine[] = []
  const audit = auditTo('all', {
    audit: (message, fields) => void audited.push({ message, fields }),
  })!
  const events = {
    queue: new TableQueue(table, clock, EVENTS_QUEUE),
    freezes: true,
    addr: 'door.test',
    onUnread: (why: unknown) => void failures.push(why),
    onLost: (_: unknown, why: unknown) => void failures.push(why),
    courier: {
      sender: new HttpWebhookSender({ limits: { connectMs: 2000, headersMs: 500 } }),
      secrets: { read: async (name: string) => secrets.get(name) },
      onUntaken: () => undefined,
    },
  }
  const registry = createRegistry({ table, store, clock, upstreams, audit, events }, settings)
  await registry.projects.create(parseProjectName('default'))
  await registry.projects.create(parseProjectName('public'), { public: true })
  await registry.projects.create(parseProjectName('deep'), { deepNames: true })
  const passwords = new AdminIdentityProvider(quickHash(PASSWORD), clock)
  await passwords.identify({ username: ADMIN_USER, password: PASSWORD, from: 'start' })
  const keys = await newKeys('first')
  const ring = ringOf(keys)
  const health = new Health(cloudChecks(table, store), clock)
  const parts: Parts = {
    registry,
    ...registryIdentitiesOver({
      registry,
      table,
      ring,
      passwords,
      issuers,
      clock,
      onProblem,
    }),
    tokens: new JoseRegistryTokens({ ring, service: SERVICE, issuer: SERVICE, clock }),
    issuers,
    service: SERVICE,
    health,
    parts: new RegistryParts(table, clock, KNOWN, health),
    onFailure: (error) => failures.push(error),
  }
  return { temporary, registry, store, keys, parts, failures, problems, audited, secrets }
}

/** As slow as a registry's own is no use to a test that logs in by the dozen. */
function quickHash(password: string): PasswordHash {
  const parameters = { cost: 1024, blockSize: 8, parallelization: 1 }
  const salt = randomBytes(16)
  return { hash: scryptSync(password, salt, 32, parameters), salt, ...parameters }
}

export async function newKeys(kid: string): Promise<SigningKeys> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  return {
    current: { kid, privateKey: KeyObject.from(privateKey) },
    publicKeys: new Map([[kid, publicKey]]),
  }
}
