import type { StageDeployment } from './deployment.ts'

/** `/sluice/<stage>/<door>`. */
export const makeLogGroup = (
  name: string,
  door: string,
  { logRetentionDays }: StageDeployment,
): aws.cloudwatch.LogGroup =>
  new aws.cloudwatch.LogGroup(name, {
    name: `/${$app.name}/${$app.stage}/${door}`,
    retentionInDays: logRetentionDays,
  })
