import type { StageDeployment } from './deployment.ts'
import type { Functions } from './functions.ts'
import type { LogGroups } from './log-groups.ts'
import { METERED } from './metered.ts'
import type { UploadOrigin } from './upload-door/upload-origin.ts'

/** What the doors count goes from their logs to the exporter, within minutes; its own log is not among them, or it would never end. */
export function makeLogSubscriptions(
  { prometheus }: StageDeployment,
  { api, fill, sweep }: LogGroups,
  upload: UploadOrigin | undefined,
  { exporter }: Functions,
): void {
  if (!prometheus) return
  const { accountId } = aws.getCallerIdentityOutput()
  const { partition } = aws.getPartitionOutput()
  const { region } = aws.getRegionOutput()
  const folder = `/${$app.name}/${$app.stage}/*`
  const permission = new aws.lambda.Permission('ExporterPermission', {
    action: 'lambda:InvokeFunction',
    function: exporter.name,
    principal: 'logs.amazonaws.com',
    // Of this stage's doors alone.
    sourceArn: $interpolate`arn:${partition}:logs:${region}:${accountId}:log-group:${folder}`,
    sourceAccount: accountId,
  })
  const subscribe = (name: string, logGroup: $util.Input<string>): void => {
    new aws.cloudwatch.LogSubscriptionFilter(
      name,
      { logGroup, filterPattern: METERED, destinationArn: exporter.arn },
      // AWS tries whether it may call before it makes one.
      { dependsOn: [permission] },
    )
  }
  subscribe('ApiMetered', api.name)
  subscribe('FillMetered', fill.name)
  subscribe('SweepMetered', sweep.name)
  if (upload) subscribe('UploadDoorMetered', upload.logGroup)
}
