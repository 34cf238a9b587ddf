import { makeBucket } from './bucket.ts'
import type { StageDeployment } from './deployment.ts'
import { makeParameters, type Parameters } from './parameters.ts'
import { makeQueue, type Queues } from './queue.ts'
import { makeTable } from './table.ts'

/** What the doors keep things in. */
export interface Stores extends Queues {
  readonly bucket: sst.aws.Bucket
  readonly table: sst.aws.Dynamo
  readonly parameters: Parameters
}

export const makeStores = (deployment: StageDeployment): Stores => ({
  bucket: makeBucket(deployment),
  table: makeTable(deployment),
  ...makeQueue(),
  parameters: makeParameters(),
})
