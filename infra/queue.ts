/** What functions ask of each other. A job that fails five times waits fourteen days among the dead letters. */
export function makeQueue(): { readonly jobs: sst.aws.Queue; readonly dead: sst.aws.Queue } {
  const dead = new sst.aws.Queue('DeadJobs', {
    transform: {
      queue: (args) => {
        args.messageRetentionSeconds = 14 * 86_400
        args.sqsManagedSseEnabled = true
      },
    },
  })
  const jobs = new sst.aws.Queue('Jobs', {
    // Twice the time that the function has.
    visibilityTimeout: '30 minutes',
    dlq: { queue: dead.arn, retry: 5 },
    transform: {
      queue: (args) => {
        args.sqsManagedSseEnabled = true
      },
    },
  })
  return { jobs, dead }
}
