/** A registry over the cloud's engines, in this process, with proxies between: a table and a bucket of its own, or given ones. */
import { randomBytes } from 'node:crypto'
import { openCloudWing, type CloudWing } from '@sluice/adapters/aws/cloud-wing'
import { SqsQueue } from '@sluice/adapters/aws/sqs-queue'
import type { Issuer } from '@sluice/adapters/identity/issuer'
import type { Policy } from '@sluice/core/policy'
import type { Clock } from '@sluice/core/ports/clock'
import { parseProjectName } from '@sluice/core/repository-name'
import { createApp } from '@sluice/http/app'
import type { Ask } from '../../http/answer.ts'
import { askInProcess } from '../../http/ask-in-process.ts'
import { createStage } from '../engines/create-stage.ts'
import { engineUrls } from '../engines/engines.ts'
import type { Calls } from './calls.ts'
import { proxiedClients, type ClientSettings } from './proxied-clients.ts'

export const PASSWORD = 'correct horse: battery staple'
export const USER = 'kubeadmin'

export interface ProxiedRegistry {
  readonly wing: CloudWing
  readonly calls: Calls
  /** What the app could not answer for. */
  readonly failures: readonly unknown[]
  /** Sends a request as it is given: whoever asks brings Authorization. */
  readonly ask: Ask
  close(): Promise<void>
}

export interface ProxiedRegistryOptions {
  /** Registries that name the same stage are two doors of one. */
  readonly stage: StageNames
  readonly policy?: Partial<Policy>
  readonly clock?: Clock
  readonly clients?: ClientSettings
  readonly issuers?: readonly Issuer[]
  /** Whether it tells others of what is done. */
  readonly events?: boolean
}

export interface StageNames {
  readonly tableName: string
  readonly bucket: string
  readonly queueUrl: string
  readonly secretsPrefix: string
  readonly keysParameter: string
  readonly adminPasswordParameter: string
}

/** An empty stage. */
export async function newStage(): Promise<StageNames> {
  const name = `sluice-${randomBytes(6).toString('hex')}`
  const environment = await createStage({ urls: engineUrls(), name, password: PASSWORD })
  const of = (variable: string): string => environment[variable] ?? ''
  return {
    tableName: of('SLUICE_TABLE'),
    bucket: of('SLUICE_BUCKET'),
    queueUrl: of('SLUICE_QUEUE_URL'),
    secretsPrefix: of('SLUICE_SECRETS_PREFIX'),
    keysParameter: of('SLUICE_KEYS_PARAMETER'),
    adminPasswordParameter: of('SLUICE_ADMIN_PASSWORD_PARAMETER'),
  }
}

/** With the project `default`. */
export async function openProxiedRegistry({
  stage,
  policy = {},
  clock = { now: () => Date.now() },
  clients = {},
  issuers = [],
  events: tells = false,
}: ProxiedRegistryOptions): Promise<ProxiedRegistry> {
  const { calls, sqs, ...proxied } = await proxiedClients(clients)
  const trust = { issuers, onProblem: () => undefined }
  const upstreams = {
    secretsPrefix: stage.secretsPrefix,
    root: undefined,
    jobs: new SqsQueue(sqs, stage.queueUrl),
    onProblem: () => undefined,
  }
  const failures: unknown[] = []
  const events = tells && {
    queue: upstreams.jobs,
    freezes: true,
    addr: 'api',
    onUnread: (why: unknown) => void failures.push(why),
    onLost: (_: unknown, why: unknown) => void failures.push(why),
    onUntaken: () => undefined,
  }
  const wing = openCloudWing({
    ...proxied,
    ...stage,
    clock,
    policy,
    ...trust,
    upstreams,
    ...(events && { events }),
  })
  await wing.registry.projects.create(parseProjectName('default'))
  const app = createApp({ ...wing, onFailure: (error) => failures.push(error) })
  return { wing, calls, failures, ask: askInProcess(app), close: () => proxied.close() }
}
