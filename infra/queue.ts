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
    // Six times what the function has, as AWS says: a job that was taken while all environments are busy is not lost by that.
    visibilityTimeout: '90 minutes',
    dlq: { queue: dead.arn, retry: 5 },
    transform: {
      queue: (args) => {
        args.sqsManagedSseEnabled = true
      },
    },
  })
  return { jobs, dead }
}
