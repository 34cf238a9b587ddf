/** The fill function with its queue: as many environments at once as jobs are taken, one job for each invocation. */
import { SQSClient } from '@aws-sdk/client-sqs'
import { fileURLToPath } from 'node:url'
import { bundleFunction } from '../gateway/bundle-function.ts'
import {
  startFunction,
  type OnLine,
  type RunningFunction,
} from '../gateway/lambda/start-function.ts'
import { pollQueue } from './adapters/poll-queue.ts'
import { CREDENTIALS, REGION } from './engines/credentials.ts'

const FILL = fileURLToPath(import.meta.resolve('@sluice/functions/fill'))

/** As `infra/functions.ts` has it. */
const TIMEOUT_MS = 15 * 60_000

/** `environment` is that of the stage; `concurrency` as the event source's. */
export async function startFills(
  environment: Readonly<Record<string, string>>,
  concurrency: number,
  onLine?: OnLine,
): Promise<RunningFunction> {
  const bundle = await bundleFunction(FILL)
  const rules = { functionTimeoutMs: TIMEOUT_MS, maxEnvironments: concurrency }
  const fill = await startFunction({ file: bundle.file, env: environment, rules, onLine })
  const { AWS_ENDPOINT_URL_SQS: endpoint, SLUICE_QUEUE_URL: url } = environment
  if (endpoint === undefined || url === undefined) throw new Error('the stage has no queue')
  const client = new SQSClient({ endpoint, region: REGION, credentials: CREDENTIALS })
  const pollers = Array.from({ length: concurrency }, () =>
    pollQueue(
      client,
      url,
      async (event) => {
        const outcome = await fill.invoke(event)
        if (outcome.kind === 'result') return outcome.result as { batchItemFailures: [] }
        const failed = event.Records.map(({ messageId }) => ({ itemIdentifier: messageId }))
        return { batchItemFailures: failed }
      },
      1,
    ),
  )
  return {
    ...fill,
    close: async () => {
      const stopped = Promise.all(pollers.map((poller) => poller.stop()))
      // What hangs at an upstream would keep a poller waiting.
      await fill.close()
      await stopped
      client.destroy()
      await bundle.remove()
    },
  }
}
