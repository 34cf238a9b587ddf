import type { StageDeployment } from './deployment.ts'

/** All records; `packages/core/src/records/keys.ts` draws the keys. In production it outlives the stage. */
export function makeTable({ production }: StageDeployment): sst.aws.Dynamo {
  return new sst.aws.Dynamo('Records', {
    fields: { pk: 'string', sk: 'string' },
    primaryIndex: { hashKey: 'pk', rangeKey: 'sk' },
    ttl: 'expires',
    deletionProtection: production,
    transform: {
      table: (_args, options) => {
        options.protect = production
      },
    },
  })
}
