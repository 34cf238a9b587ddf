import { makeBucket } from './bucket.ts'
import type { StageDeployment } from './deployment.ts'
import { makeParameters, type Parameters } from './parameters.ts'
import { makeQueue } from './queue.ts'
import { makeTable } from './table.ts'

/** What the doors keep things in. */
export interface Stores {
  readonly bucket: sst.aws.Bucket
  readonly table: sst.aws.Dynamo
  readonly jobs: sst.aws.Queue
  readonly dead: sst.aws.Queue
  readonly parameters: Parameters
}

export const makeStores = (deployment: StageDeployment): Stores => ({
  bucket: makeBucket(deployment),
  table: makeTable(deployment),
  ...makeQueue(),
  parameters: makeParameters(),
})
