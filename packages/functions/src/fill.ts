/** What is done for nobody who waits: jobs from the queue. Wiring only. */
import { cloudSettings } from '@sluice/adapters/aws/cloud-settings'
import { kept } from '@sluice/adapters/aws/kept'
import type { JobHandlers } from '@sluice/core/ports/queue'
import { UpstreamError } from '@sluice/core/ports/upstream'
import { FILL_JOB } from '@sluice/core/services/cached-blobs'
import { EVENT_JOB } from '@sluice/core/services/events'
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { answerBatch } from './answer-batch.ts'
import { doorMeter } from './door-meter.ts'
import { jobQueue } from './job-queue.ts'
import { log } from './log.ts'
import { openWing } from './open-wing.ts'
import { timeLeft, type Deadline } from './time-left.ts'
import { useLightFetch } from './use-light-fetch.ts'

useLightFetch()

const { meter, told } = doorMeter('fill')

/** Opened by the first job; its connections last as long as the environment. */
const opened = kept(async () => {
  const settings = cloudSettings(process.env)
  if (!settings.upstreams) throw new Error('the environment: SLUICE_QUEUE_URL is missing')
  const jobs = jobQueue(settings.upstreams.queueUrl)
  const { registry, parts } = openWing(
    settings,
    { now: () => Date.now() },
    { jobs, delivers: true, metrics: meter },
  )
  return { registry, parts, jobs }
})

/** What an upstream fails to send is asked for again by the next who wants it; all other failures come again. */
export const handler = told(
  async (event: SQSEvent, deadline: Deadline): Promise<SQSBatchResponse> => {
    const { stop } = timeLeft(deadline)
    const handlers: JobHandlers = {
      [FILL_JOB]: async (job) => {
        const { registry, jobs } = await opened()
        try {
          await registry.fillJob?.do(job, jobs, stop)
        } catch (error) {
          if (!(error instanceof UpstreamError)) throw error
          const { repository, digest } = job
          log.warn('a blob did not come', { repository, digest, problem: error.message })
        }
      },
      [EVENT_JOB]: async (job) => (await opened()).registry.deliveries?.do(job),
    }
    const answer = await answerBatch(event, handlers, (thrown, failed) =>
      log.error('a job failed', failed, thrown),
    )
    await note(answer.batchItemFailures.length)
    return answer
  },
)

/** A door that cannot even be opened has said so in its log. */
const note = (failures: number): Promise<void> =>
  opened().then(
    ({ parts }) =>
      failures === 0
        ? parts.works('fill')
        : parts.failed('fill', { problem: `jobs failed and come again: ${failures}` }),
    () => undefined,
  )
