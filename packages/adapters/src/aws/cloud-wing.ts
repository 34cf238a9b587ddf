/**
 * The registry over DynamoDB and S3, put together once for every door in the cloud. Nothing is asked of AWS here: the
 * signing keys are read when the first token is, the administrator's record at the first login with a password.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { S3Client } from '@aws-sdk/client-s3'
import type { SSMClient } from '@aws-sdk/client-ssm'
import type { Policy } from '@sluice/core/policy'
import type { BlobStore } from '@sluice/core/ports/blob-store'
import type { Clock } from '@sluice/core/ports/clock'
import type { Metrics } from '@sluice/core/ports/metrics'
import type { IdentityProvider } from '@sluice/core/ports/identity-provider'
import type { ApiTokens } from '@sluice/core/ports/api-tokens'
import type { WatchedQueue } from '@sluice/core/ports/queue'
import type { RegistryTokens } from '@sluice/core/ports/registry-tokens'
import type { Table } from '@sluice/core/ports/table'
import type { Tracer } from '@sluice/core/ports/tracer'
import type { Courier } from '@sluice/core/services/deliveries'
import type { EventsOptions } from '@sluice/core/services/events'
import {
  createRegistry,
  type EventPorts,
  type Registry,
  type RegistryPorts,
} from '@sluice/core/registry'
import type { Audit } from '@sluice/core/services/activities'
import { Health } from '@sluice/core/services/health'
import { RegistryParts } from '@sluice/core/services/registry-parts'
import { parseProjectName } from '@sluice/core/repository-name'
import { pseudonymOf } from '@sluice/core/upstream/pseudonym'
import { AdminIdentityProvider } from '../identity/admin-identity-provider.ts'
import { ensureAdminRecord } from '../identity/admin-record.ts'
import type { Issuer } from '../identity/issuer.ts'
import { JoseRegistryTokens } from '../identity/jose-registry-tokens.ts'
import { registryIdentitiesOver } from '../identity/registry-identities-over.ts'
import { StoredKeyRing } from '../identity/stored-key-ring.ts'
import type { EcrLogin } from '../upstream/ecr-login.ts'
import { LateUpstreamDialer } from '../upstream/late-upstream-dialer.ts'
import { cloudChecks } from './cloud-checks.ts'
import { cloudParts } from './cloud-parts.ts'
import { DynamoDbTable } from './dynamodb-table.ts'
import { kept } from './kept.ts'
import { readSecretParameter } from './read-secret-parameter.ts'
import { S3BlobStore } from './s3-blob-store.ts'
import { SigningKeysParameter } from './signing-keys-parameter.ts'
import { SsmSecrets } from './ssm-secrets.ts'
import { WasmHashes } from './wasm-hashes.ts'

/** Tokens name it as their audience; each registry has its own keys, so it need not be unique. */
const SERVICE = 'sluice'

export interface CloudWingOptions {
  readonly dynamodb: DynamoDBClient
  readonly s3: S3Client
  readonly ssm: SSMClient
  readonly tableName: string
  readonly bucket: string
  /** Names of parameters (SecureString). */
  readonly keysParameter: string
  readonly adminPasswordParameter: string
  readonly clock: Clock
  /** Whether there is one; without a word nobody knows, and one that left a record is there. */
  readonly uploadDoor?: boolean
  readonly policy: Partial<Policy>
  readonly issuers: readonly Issuer[]
  /** Told why a token could not be verified, where that is not for its bearer to know. */
  readonly onProblem: (problem: string) => void
  /** Told of what is done. */
  readonly audit?: Audit
  readonly tracer?: Tracer
  readonly metrics?: Metrics
  /** Of a registry that tells others of what is done. */
  readonly events?: CloudEvents
  /** Without it the door reads through nothing. */
  readonly upstreams?: CloudUpstreams
}

export interface CloudEvents extends EventsOptions, Pick<Courier, 'onUntaken'> {
  /** Of the parameters that hold the webhooks' secrets, for the function that delivers. */
  readonly secretsPrefix?: string
}

export interface CloudUpstreams {
  /** Of the parameters that hold the upstreams' secrets. */
  readonly secretsPrefix: string
  /** The upstream whose repositories are found at the root as well. */
  readonly root: string | undefined
  /** For the function that brings blobs. */
  readonly jobs: WatchedQueue
  /** Told why an upstream could not be asked, for the log. */
  readonly onProblem: (problem: string) => void
}

export interface CloudWing {
  readonly registry: Registry
  /** What the registry stands on, for checks that leave their state there. */
  readonly table: Table
  readonly store: BlobStore
  readonly identities: IdentityProvider
  readonly tokens: RegistryTokens
  readonly apiTokens: ApiTokens
  readonly issuers: readonly Issuer[]
  readonly service: string
  readonly health: Health
  readonly parts: RegistryParts
}

export function openCloudWing(options: CloudWingOptions): CloudWing {
  const { clock, ssm } = options
  const table = new DynamoDbTable(options.dynamodb, options.tableName)
  const store = new S3BlobStore(options.s3, options.bucket)
  const health = new Health(cloudChecks(table, store), clock)
  const known = cloudParts(table, options.upstreams?.jobs, clock, options.uploadDoor)
  const parts = new RegistryParts(table, clock, known, health)
  const upstreams = options.upstreams && upstreamsOver(options.upstreams, options, parts)
  const ports = {
    table,
    store,
    clock,
    hashes: new WasmHashes(),
    ...(options.events && { events: eventsOver(options.events, ssm) }),
    ...(options.tracer && { tracer: options.tracer }),
    ...(options.audit && { audit: options.audit }),
    ...(options.metrics && { metrics: options.metrics }),
    ...(upstreams && { upstreams }),
  }
  const registry = createRegistry(ports, options.policy)

  /** Asked once in a registry's life: what its first administrator needs is made with it. */
  const firstPassword = async (): Promise<string> => {
    await registry.projects.create(parseProjectName('default'))
    await registry.upstreams.ensureCaches(false)
    return readSecretParameter(ssm, options.adminPasswordParameter)
  }
  const administrator = kept(async () => {
    const { hash } = await ensureAdminRecord(table, clock, firstPassword)
    return new AdminIdentityProvider(hash, clock)
  })
  const passwords: IdentityProvider = {
    identify: async (credentials) => (await administrator()).identify(credentials),
  }
  const { issuers, onProblem } = options
  const ring = new StoredKeyRing(
    new SigningKeysParameter(ssm, options.keysParameter),
    clock,
    onProblem,
  )
  const identities = registryIdentitiesOver({
    registry,
    table,
    ring,
    passwords,
    issuers,
    clock,
    onProblem,
    onIssuer: (issuer, failure) => parts.tell('issuers', issuer, failure),
  })
  return {
    registry,
    table,
    store,
    ...identities,
    tokens: new JoseRegistryTokens({ ring, service: SERVICE, issuer: SERVICE, clock }),
    issuers: options.issuers,
    service: SERVICE,
    health,
    parts,
  }
}

function eventsOver(
  { secretsPrefix, onUntaken, ...events }: CloudEvents,
  ssm: SSMClient,
): EventPorts {
  if (secretsPrefix === undefined) return events
  const sender = kept(async () => {
    const { HttpWebhookSender } = await import('../webhooks/http-webhook-sender.ts')
    return new HttpWebhookSender()
  })
  const courier = {
    sender: { post: async (...event) => (await sender()).post(...event) },
    secrets: new SsmSecrets(ssm, secretsPrefix),
    onUntaken,
  } satisfies Courier
  return { ...events, courier }
}

function upstreamsOver(
  { secretsPrefix, root, jobs, onProblem }: CloudUpstreams,
  { ssm, clock, metrics, bucket }: CloudWingOptions,
  parts: RegistryParts,
): NonNullable<RegistryPorts['upstreams']> {
  const secrets = new SsmSecrets(ssm, secretsPrefix)
  const onRemaining = (upstream: string, remaining: number): void =>
    metrics?.gauge('sluice_upstream_quota_remaining', { upstream }).set(remaining)
  return {
    dialer: (tokens) =>
      new LateUpstreamDialer(
        kept(async () => {
          const { HttpUpstreamDialer } = await import('../upstream/http-upstream-dialer.ts')
          return new HttpUpstreamDialer({
            secrets,
            tokens,
            clock,
            onProblem,
            onRemaining,
            fetchEcrLogin: ecrLogin,
          })
        }),
      ),
    // No two buckets of AWS have one name, and every door of a registry knows its own: nothing need be read.
    pseudonym: pseudonymOf(bucket),
    ...(root === undefined ? {} : { root }),
    told: (upstream, failure) => parts.tell('upstreams', upstream, failure),
    jobs,
  }
}

/** With what the door runs as. */
async function ecrLogin(region: string): Promise<EcrLogin> {
  const [{ ECRClient }, { fetchEcrLogin }] = await Promise.all([
    import('@aws-sdk/client-ecr'),
    import('./fetch-ecr-login.ts'),
  ])
  const client = new ECRClient({ region })
  return fetchEcrLogin(client).finally(() => client.destroy())
}
