import type { StageDeployment } from './deployment.ts'
import type { Functions } from './functions.ts'
import type { Stores } from './stores.ts'

/** What sets the functions off that no client calls. */
export function makeTriggers(
  { sweepMinutes }: StageDeployment,
  { jobs, uncounted }: Stores,
  { fill, sweep, exporter }: Functions,
): void {
  jobs.subscribe(fill.arn, {
    batch: { size: 1, partialResponses: true },
    transform: {
      eventSourceMapping: (args) => {
        // Fills move whole blobs: more of them at once would take the account's functions from the API.
        args.scalingConfig = { maximumConcurrency: 10 }
      },
    },
  })
  uncounted.subscribe(exporter.arn, {
    batch: { size: 1, partialResponses: true },
    transform: {
      eventSourceMapping: (args) => {
        // The owner enables it once what failed is mended: until then they would fail again, and a poller costs its requests.
        args.enabled = false
        args.scalingConfig = { maximumConcurrency: 2 }
      },
    },
  })
  new sst.aws.CronV2('SweepSchedule', {
    function: sweep,
    event: { task: 'sweep' },
    schedule: `rate(${sweepMinutes} minutes)`,
  })
}
