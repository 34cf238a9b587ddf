/** The registry over the engines that this function's environment names; the clients find the endpoints by themselves. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { SSMClient } from '@aws-sdk/client-ssm'
import type { CloudSettings } from '@sluice/adapters/aws/cloud-settings'
import {
  openCloudWing,
  type CloudEvents,
  type CloudUpstreams,
  type CloudWing,
} from '@sluice/adapters/aws/cloud-wing'
import { dynamodbClientSettings } from '@sluice/adapters/aws/dynamodb-client-settings'
import { s3ClientSettings } from '@sluice/adapters/aws/s3-client-settings'
import { ssmClientSettings } from '@sluice/adapters/aws/ssm-client-settings'
import type { Clock } from '@sluice/core/ports/clock'
import type { Metrics } from '@sluice/core/ports/metrics'
import type { WatchedQueue } from '@sluice/core/ports/queue'
import type { Tracer } from '@sluice/core/ports/tracer'
import { auditTo } from '@sluice/core/services/audit-to'
import { untakenTo } from '@sluice/core/services/untaken-to'
import { log } from './log.ts'

export interface WingOptions {
  /** Of a function that reads through other registries. */
  readonly jobs?: WatchedQueue | undefined
  /** It does the jobs, events among them. */
  readonly delivers?: boolean
  readonly metrics?: Metrics
  readonly tracer?: Tracer
}

export function openWing(
  settings: CloudSettings,
  clock: Clock,
  { jobs, delivers = false, metrics, tracer }: WingOptions = {},
): CloudWing {
  const upstreams = jobs && upstreamsOf(settings, jobs)
  const audit = auditTo(settings.audit, log)
  const events = jobs && eventsOf(settings, jobs, delivers)
  return openCloudWing({
    dynamodb: new DynamoDBClient(dynamodbClientSettings()),
    s3: new S3Client(s3ClientSettings({ pathStyle: settings.pathStyle })),
    ssm: new SSMClient(ssmClientSettings()),
    tableName: settings.tableName,
    bucket: settings.bucket,
    keysParameter: settings.keysParameter,
    adminPasswordParameter: settings.adminPasswordParameter,
    clock,
    uploadDoor: settings.uploadDoor,
    policy: settings.policy,
    issuers: settings.issuers,
    ...(audit && { audit }),
    ...(events && { events }),
    ...(tracer && { tracer }),
    onProblem: (problem) => log.warn('a token cannot be verified', { problem }),
    ...(upstreams && { upstreams }),
    ...(metrics && { metrics }),
  })
}

function eventsOf(
  { events, upstreams }: CloudSettings,
  queue: WatchedQueue,
  delivers: boolean,
): CloudEvents | undefined {
  if (!events) return undefined
  return {
    queue,
    freezes: true,
    addr: process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? '',
    onUnread: (why) => log.error('the webhooks cannot be read', {}, why),
    onLost: (event, why) => log.error('an event is lost', event, why),
    onUntaken: untakenTo(log),
    ...(delivers && upstreams && { secretsPrefix: upstreams.secretsPrefix }),
  }
}

function upstreamsOf({ upstreams }: CloudSettings, jobs: WatchedQueue): CloudUpstreams | undefined {
  if (!upstreams) return undefined
  return {
    secretsPrefix: upstreams.secretsPrefix,
    root: upstreams.root,
    jobs,
    onProblem: logUpstream,
  }
}

const logUpstream = (problem: string): void => log.warn('an upstream does not answer', { problem })
