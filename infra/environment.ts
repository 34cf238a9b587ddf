import { authenticationText } from './authentication.ts'
import type { StageDeployment } from './deployment.ts'
import { metricsNamespace } from './metrics-namespace.ts'
import { NODE_OPTIONS } from './node-options.ts'
import type { Stores } from './stores.ts'

/** The environment of every door in the cloud; `packages/functions` and `packages/server` read it. */
export function environmentOf(
  deployment: StageDeployment,
  { table, bucket, jobs, parameters }: Stores,
  originSecret: $util.Output<string>,
): Record<string, $util.Input<string>> {
  return {
    NODE_OPTIONS,
    SLUICE_TABLE: table.name,
    SLUICE_BUCKET: bucket.name,
    SLUICE_QUEUE_URL: jobs.url,
    SLUICE_KEYS_PARAMETER: parameters.signingKeys,
    SLUICE_ADMIN_PASSWORD_PARAMETER: parameters.adminPassword,
    SLUICE_SECRETS_PREFIX: parameters.secrets,
    ...(deployment.rootUpstream !== undefined && {
      SLUICE_ROOT_UPSTREAM: deployment.rootUpstream,
    }),
    SLUICE_PUBLIC_URL: `https://${deployment.hostName}`,
    SLUICE_ORIGIN_SECRET: originSecret,
    ...(deployment.issuers.length > 0 && {
      SLUICE_AUTHENTICATION: authenticationText(deployment.issuers),
    }),
    SLUICE_GRACE: `${deployment.graceSeconds}`,
    SLUICE_UPLOAD_IDLE: `${deployment.uploadIdleSeconds}`,
    SLUICE_LOG_LEVEL: deployment.logLevel,
    SLUICE_LOG_FORMAT: 'json',
    SLUICE_LOG_GROUPS: `/${$app.name}/${$app.stage}`,
    SLUICE_METRICS_NAMESPACE: metricsNamespace(),
    SLUICE_ACCESS_LOG: deployment.accessLog ? 'on' : 'off',
    SLUICE_AUDIT: deployment.audit,
    ...(deployment.uploadDoor === 'off' && { SLUICE_UPLOAD_DOOR: 'off' }),
    ...deployment.traces,
    ...(deployment.events && { SLUICE_EVENTS: 'true' }),
  }
}
