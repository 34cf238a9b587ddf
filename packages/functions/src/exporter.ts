/**
 * The metrics of all doors in the cloud. Their logs bring it what they counted, which it adds to the totals in the table;
 * behind an HTTP API it answers scrapes from there. Wiring only: nothing is opened before the first event.
 */
import { cloudSettings } from '@sluice/adapters/aws/cloud-settings'
import { kept } from '@sluice/adapters/aws/kept'
import { buildLabels } from '@sluice/adapters/metrics/build-labels'
import { expose } from '@sluice/adapters/metrics/expose'
import { MeterTotals } from '@sluice/adapters/metrics/meter-totals'
import type { WatchedQueue } from '@sluice/core/ports/queue'
import { answerInTime } from '@sluice/core/services/answer-in-time'
import { VERSION } from '@sluice/core/version'
import { createMetricsApp } from '@sluice/http/metrics-app'
import type { Expose } from '@sluice/http/routes/metrics'
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  CloudWatchLogsEvent,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda'
import { doorSettings } from './door-settings.ts'
import { jobQueue } from './job-queue.ts'
import { lambdaDoor, type LambdaApp } from './lambda-door.ts'
import { log } from './log.ts'
import { linesOf } from './log-event-lines.ts'
import { openWing } from './open-wing.ts'
import { useLightFetch } from './use-light-fetch.ts'

useLightFetch()

const { onFailure } = doorSettings

const opened = kept(async () => {
  const settings = cloudSettings(process.env)
  const clock = { now: () => Date.now() }
  const wing = openWing(settings, clock)
  const jobs = settings.upstreams && jobQueue(settings.upstreams.queueUrl)
  return { settings, wing, totals: new MeterTotals(wing.table, clock), jobs }
})

/** One call, beside the reads of the totals. A queue that does not answer costs its own figure and no other. */
async function jobsWaiting(jobs: WatchedQueue | undefined): Promise<number | undefined> {
  try {
    return jobs && (await answerInTime(jobs.waiting()))
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    log.warn('the queue does not say how many jobs wait', { problem })
    return undefined
  }
}

async function openApp(): Promise<LambdaApp> {
  const { settings, wing, totals, jobs } = await opened()
  const parts = { ...wing, publicUrl: settings.publicUrl, onFailure }
  const exposeTotals: Expose = async (wish) => {
    const [meter, waiting] = await Promise.all([totals.read(), jobsWaiting(jobs)])
    meter.gauge('imageregistry_build_info', buildLabels(VERSION, undefined)).set(1)
    if (waiting !== undefined) meter.gauge('sluice_queue_jobs', { queue: 'jobs' }).set(waiting)
    return expose(meter, wish)
  }
  return createMetricsApp(parts, exposeTotals, process.env['SLUICE_METRICS_SECRET'] || undefined)
}

const door = lambdaDoor(openApp, doorSettings)

/** Throws what keeps lines from being counted, and Lambda brings them again; a TypeError for any other event. */
export async function handler(
  event: APIGatewayProxyEventV2 | CloudWatchLogsEvent | SQSEvent,
): Promise<APIGatewayProxyStructuredResultV2 | SQSBatchResponse | undefined> {
  if ('awslogs' in event) return countOrTell(event)
  if ('Records' in event) return countAnew(event)
  return door(event)
}

async function countOrTell(event: CloudWatchLogsEvent): Promise<undefined> {
  const { wing, totals } = await opened()
  try {
    await count(event, totals)
  } catch (error) {
    await wing.parts.failed('exporter', { problem: 'lines of a log could not be counted' })
    throw error
  }
  await wing.parts.works('exporter')
}

async function count(event: CloudWatchLogsEvent, totals: MeterTotals): Promise<void> {
  const { lines, unreadable, logGroup, logStream } = linesOf(event)
  const { late } = await totals.fold(lines)
  if (late + unreadable > 0) {
    log.warn('lines of a log were not counted', { late, unreadable, logGroup, logStream })
  }
}

/** Events as they were, that Lambda gave up: whatever of them is in the totals already is not counted again. */
async function countAnew({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const batchItemFailures: { itemIdentifier: string }[] = []
  for (const { messageId, body } of Records) {
    try {
      await countOrTell(JSON.parse(body) as CloudWatchLogsEvent)
    } catch (error) {
      log.error('lines of a log could not be counted again', { message: messageId }, error)
      batchItemFailures.push({ itemIdentifier: messageId })
    }
  }
  return { batchItemFailures }
}
