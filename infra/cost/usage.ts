/** What a month without a client takes, by upload door, and what one pull takes. */
import { CLOUD_METRICS } from '@sluice/adapters/aws/cloud-metrics'
import { METER_SHARDS } from '@sluice/adapters/metrics/meter-totals'
import { SWEEP_SHARDS } from '@sluice/core/records/sweep-record'
import type { Deployment, UploadDoor } from '../deployment.ts'
import { times, sumOf } from './cost-of.ts'
import type { Usage } from './prices.ts'

const HOURS = 730

/** Seconds. */
const SWEEP_TIME = 1
/** To count a batch of lines, or to answer a scrape. */
const EXPORTER_TIME = 0.1
const ANSWER_TIME = 0.02

/** Bytes in a second, from an upstream into S3. */
const FILL_SPEED = 50e6
/** Bytes. */
const PART = 8 * 1024 * 1024

/** The function's lines and the gateway's. */
const LOG_BYTES = 1000

/** Requests, latency, bytes, and answers of 4xx or 5xx. */
const UPLOADS_TELL = 7

/** What a function says of one invocation for the metrics (`adapters/src/aws/emf-lines.ts`). */
const METERED_BYTES = 1200
/** In which the log hands on the lines of one pull: at most one for each environment that answered some. */
const BATCHES = 3
/** Of 4 KB, of a shard of the totals in a small registry. */
const SHARD_READS = 2
/** Of 1 KB: what an environment has told, and of a quiet registry's shard the row of totals and the one of the last minutes. */
const BATCH_WRITES = 1 + 1 + 3
/** Of an exposition, compressed. */
const EXPOSITION_BYTES = 10_000

const GB = 1e9

type Sized = Pick<
  Deployment,
  'memory' | 'sweepMinutes' | 'fargate' | 'alarmMail' | 'dashboard' | 'prometheus'
>

export function idleMonth(
  door: UploadDoor,
  { memory, sweepMinutes, fargate, alarmMail, dashboard, prometheus }: Sized,
): Usage {
  const sweep = {
    lambdaRequests: 1,
    lambdaGbSeconds: SWEEP_TIME * (memory.sweep / 1024),
    // Each shard is a query.
    tableReads: SWEEP_SHARDS,
    logGb: (LOG_BYTES + METERED_BYTES) / GB,
  }
  const counted = prometheus ? oneBatch({ memory }) : {}
  const sweeps = times((HOURS * 60) / sweepMinutes, sumOf(sweep, counted))
  const container = times(HOURS * fargate.min, {
    containerCpuHours: Number.parseFloat(fargate.cpu),
    containerGbHours: Number.parseFloat(fargate.memory),
    addressHours: 1,
    // Its signs of life, each minute.
    tableWrites: 2 * 60,
  })
  return sumOf(
    sweeps,
    door === 'fargate' ? sumOf(container, { balancerHours: HOURS }) : {},
    alarmMail === undefined ? {} : { alarms: door === 'off' ? 15 : 17 },
    dashboard ? { dashboards: 1 } : {},
  )
}

/** An image with an index and five layers, without its bytes: they come from S3, and go nowhere near the registry. */
export function onePull({ memory }: Sized): Usage {
  const manifests = 2
  const blobs = 6
  // The ping is answered at the edge.
  const answered = 1 + manifests + blobs
  return {
    edgeRequests: 1 + answered,
    edgeFunctions: 1 + answered,
    httpApiRequests: answered,
    lambdaRequests: answered,
    lambdaGbSeconds: answered * ANSWER_TIME * (memory.api / 1024),
    // Two for the token, two for the tag, one for the manifest of the platform, one for each blob's link.
    tableReads: 2 + 2 + 1 + blobs,
    s3Gets: blobs,
    logGb: (answered * LOG_BYTES) / GB,
  }
}

/** Lines of a log that come together, counted. */
const oneBatch = ({ memory }: Pick<Sized, 'memory'>): Usage => ({
  lambdaRequests: 1,
  lambdaGbSeconds: EXPORTER_TIME * (memory.exporter / 1024),
  tableReads: 1 + SHARD_READS,
  tableWrites: 2 * BATCH_WRITES,
  logGb: LOG_BYTES / GB,
})

/** What one pull adds for the metrics, when nobody else pulls: many at once share batches. */
export function onePullMetered(sized: Sized): Usage {
  const { lambdaRequests: lines = 0 } = onePull(sized)
  return sumOf({ logGb: (lines * METERED_BYTES) / GB }, times(BATCHES, oneBatch(sized)))
}

/** A month in which a Prometheus asks twice a minute. */
export const scrapedMonth = ({ memory }: Sized): Usage =>
  times(HOURS * 120, {
    edgeRequests: 1,
    edgeFunctions: 1,
    httpApiRequests: 1,
    lambdaRequests: 1,
    lambdaGbSeconds: EXPORTER_TIME * (memory.exporter / 1024),
    // And the rights of whoever asks.
    tableReads: METER_SHARDS * SHARD_READS + 2,
    // How many jobs wait.
    queueRequests: 1,
    gbOut: EXPOSITION_BYTES / GB,
    logGb: LOG_BYTES / GB,
  })

/** A month without an hour in which nobody pushes, pulls or reads through: the metrics of `adapters/src/aws/cloud-metrics.ts`, by door. */
export const toldMonth = (door: UploadDoor): Usage => ({
  customMetrics: Object.keys(CLOUD_METRICS).length + (door === 'off' ? 0 : UPLOADS_TELL),
})

/** A blob of so many bytes, brought from an upstream; the calls are those that `test/cloud/counts/pulls.test.ts` counts. */
export function oneBrought(bytes: number, { memory }: Sized): Usage {
  const seconds = ANSWER_TIME + bytes / FILL_SPEED
  const reads = 13
  // Of a job's transactions and those that asked for it; each writes about two records.
  const transactions = 7
  return {
    lambdaRequests: 1,
    lambdaGbSeconds: seconds * (memory.fill / 1024),
    tableReads: reads,
    tableWrites: transactions * 2 * 2,
    // To begin and to complete it, the parts, and a list.
    s3Puts: 3 + Math.ceil(bytes / PART),
    // Sent, received and deleted.
    queueRequests: 3,
    logGb: LOG_BYTES / GB,
  }
}
