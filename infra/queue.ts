export interface Queues {
  readonly jobs: sst.aws.Queue
  readonly dead: sst.aws.Queue
  /** Batches of the doors' lines that the exporter failed at each time that Lambda tried. */
  readonly uncounted: sst.aws.Queue
}

/** What functions ask of each other. What fails again and again waits fourteen days, as long as SQS keeps anything. */
export function makeQueue(): Queues {
  const dead = new sst.aws.Queue('DeadJobs', { transform: { queue: keep } })
  const uncounted = new sst.aws.Queue('Uncounted', {
    // Six times what the exporter has.
    visibilityTimeout: '3 minutes',
    transform: { queue: keep },
  })
  const jobs = new sst.aws.Queue('Jobs', {
    // Six times what the function has, as AWS says: a job that was taken while all environments are busy is not lost by that.
    visibilityTimeout: '90 minutes',
    dlq: { queue: dead.arn, retry: 5 },
    transform: {
      queue: (args) => {
        args.sqsManagedSseEnabled = true
      },
    },
  })
  return { jobs, dead, uncounted }
}

function keep(args: aws.sqs.QueueArgs): undefined {
  args.messageRetentionSeconds = 14 * 86_400
  args.sqsManagedSseEnabled = true
}
