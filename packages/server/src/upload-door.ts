/**
 * The upload door: the server over DynamoDB and S3, for request bodies that no API gateway takes. CloudFront sends it
 * what is under `/v2/<name>/blobs/uploads/`; it could answer everything else as well. Wiring only.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { SSMClient } from '@aws-sdk/client-ssm'
import { cloudSettings, type CloudSettings } from '@sluice/adapters/aws/cloud-settings'
import { openCloudWing } from '@sluice/adapters/aws/cloud-wing'
import { EmfLines } from '@sluice/adapters/aws/emf-lines'
import { dynamodbClientSettings } from '@sluice/adapters/aws/dynamodb-client-settings'
import { s3ClientSettings } from '@sluice/adapters/aws/s3-client-settings'
import { ssmClientSettings } from '@sluice/adapters/aws/ssm-client-settings'
import { openTracing } from '@sluice/adapters/tracing/open-tracing'
import { auditTo } from '@sluice/core/services/audit-to'
import { Meter } from '@sluice/adapters/metrics/meter'
import { RequestMeter } from '@sluice/http/request-meter'
import { behindOrigin } from './behind-origin.ts'
import { cloudEvents } from './cloud-events.ts'
import { readCommandLine, type Config } from './config.ts'
import { listen } from './listen.ts'
import { LineLog } from '@sluice/adapters/log/line-log'
import { logStart } from './log-start.ts'
import { createServerApp } from './server-app.ts'
import { failStart, StartFailure } from './start-failure.ts'
import { stopSignal } from './stop-signal.ts'

const COMMAND = { name: 'upload-door', purpose: 'takes uploads for a registry in the cloud' }

/** A service is given two minutes to end by default (ECS `stopTimeout` is set to it); a layer may be under way. */
const DRAIN_MS = 110_000

/** Between two lines of what was counted. */
const TELL_MS = 15_000

/** Between two signs of life, and how long one counts: a door may be busy, or the table for a while. */
const SIGN_MS = 60_000
const LIFE_MS = 3 * SIGN_MS

async function serve(config: Config): Promise<void> {
  const log = new LineLog({ level: config.logLevel, format: config.logFormat })
  const settings = readSettings()
  const { tableName, bucket, keysParameter, adminPasswordParameter, policy } = settings
  const audit = auditTo(config.audit, log)
  const events = settings.events && cloudEvents(settings, log)
  const tracer = await openTracing(process.env, (problem) => log.warn(problem))
  const clock = { now: () => Date.now() }
  const meter = new Meter(clock)
  const wing = openCloudWing({
    dynamodb: new DynamoDBClient(dynamodbClientSettings()),
    s3: new S3Client(s3ClientSettings({ pathStyle: settings.pathStyle })),
    ssm: new SSMClient(ssmClientSettings()),
    tableName,
    bucket,
    keysParameter,
    adminPasswordParameter,
    clock,
    metrics: meter,
    policy,
    issuers: settings.issuers,
    ...(audit && { audit }),
    ...(events && { events }),
    ...(tracer && { tracer }),
    onProblem: (problem) => log.warn('a token cannot be verified', { problem }),
  })
  const lifeMs = isFrozenWhenIdle() ? undefined : LIFE_MS
  // An engine that does not answer yet keeps no door from opening.
  void wing.parts.started('upload-door', lifeMs)
  const living = lifeMs && setInterval(() => void wing.parts.lives('upload-door', lifeMs), SIGN_MS)
  const app = createServerApp({ ...wing, publicUrl: settings.publicUrl, log, tracer })
  const { address, port } = addressOf(config)
  const door = await listen(behindOrigin(app, settings.originSecret), {
    address,
    port,
    log,
    access: config.accessLog,
    meter: new RequestMeter(meter),
  })
  const lines = new EmfLines({
    meter,
    clock,
    namespace: process.env['SLUICE_METRICS_NAMESPACE'] || 'sluice',
    door: 'upload-door',
    startsCold: false,
    write: (line) => void process.stdout.write(line),
  })
  const telling = setInterval(() => lines.write(), TELL_MS)
  logStart(log, door, new URL(settings.publicUrl).host)
  process.stdout.write(`The upload door is listening on ${door.url}\n`)

  const signal = await stopSignal()
  log.info('shutting down image registry server', { signal })
  await door.close(DRAIN_MS)
  await tracer?.close()
  clearInterval(telling)
  clearInterval(living)
  lines.write()
  log.info('server shutdown, bye.')
  process.exit(0)
}

function readSettings(): CloudSettings {
  try {
    return cloudSettings(process.env)
  } catch (error) {
    throw new StartFailure(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

/** A Lambda Web Function: it says nothing while nobody asks it anything. */
const isFrozenWhenIdle = (): boolean => process.env['AWS_LAMBDA_HTTP_ENDPOINT'] !== undefined

/** A Lambda Web Function is told where to listen (`host:port`); a service says it itself. */
function addressOf(config: Config): { readonly address: string; readonly port: number } {
  const told = process.env['AWS_LAMBDA_HTTP_ENDPOINT']
  if (told === undefined) return config
  const [address = '', port] = told.split(':')
  return { address, port: Number(port) }
}

try {
  const { config, help } = readCommandLine(COMMAND, process.argv.slice(2), process.env)
  if (help === undefined) await serve(config)
  else process.stdout.write(help)
} catch (error) {
  failStart(error)
}
