import type { Door } from './bundle-functions.ts'
import type { StageDeployment } from './deployment.ts'
import { makeLogGroup } from './log-group.ts'

export type LogGroups = Readonly<Record<Door, aws.cloudwatch.LogGroup>>

/** Of the functions; the upload door's comes with it. */
export const makeLogGroups = (deployment: StageDeployment): LogGroups => ({
  api: makeLogGroup('ApiLogs', 'api', deployment),
  fill: makeLogGroup('FillLogs', 'fill', deployment),
  sweep: makeLogGroup('SweepLogs', 'sweep', deployment),
  exporter: makeLogGroup('ExporterLogs', 'exporter', deployment),
})
