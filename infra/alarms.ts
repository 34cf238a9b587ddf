import { CLOUD_METRICS, type CloudMetric, DOOR_DIMENSION } from '@sluice/adapters/aws/cloud-metrics'
import type { StageDeployment } from './deployment.ts'
import type { Functions } from './functions.ts'
import { metricsNamespace } from './metrics-namespace.ts'
import type { Stores } from './stores.ts'
import type { Metric, UploadOrigin } from './upload-door/upload-origin.ts'

const above = (
  threshold: number,
  namespace: string,
  metricName: string,
  dimensions: Metric['dimensions'],
): Metric => ({
  namespace,
  metricName,
  dimensions,
  statistic: 'Sum',
  threshold,
  comparisonOperator: 'GreaterThanThreshold',
  // An idle registry sends no figures at all.
  treatMissingData: 'notBreaching',
})

/** Of what a door itself tells. */
const told = (metric: CloudMetric, door: string, threshold: number): Metric =>
  above(threshold, metricsNamespace(), CLOUD_METRICS[metric].name, { [DOOR_DIMENSION]: door })

/** In five minutes: an upstream that does not answer is asked twice, then left alone for a while. */
const MANY_UPSTREAM_ERRORS = 20

/** Pulls of an upstream that are left. */
const LITTLE_QUOTA = 10

/** Mails to the owner, over five minutes each. No mail address, no alarms: an account's first ten are free, the others are not. */
export function makeAlarms(
  { alarmMail }: StageDeployment,
  stores: Stores,
  functions: Functions,
  gateway: sst.aws.ApiGatewayV2,
  upload: UploadOrigin | undefined,
): void {
  if (alarmMail === undefined) return
  const topic = new aws.sns.Topic('Alarms')
  new aws.sns.TopicSubscription('AlarmsByMail', {
    topic: topic.arn,
    protocol: 'email',
    endpoint: alarmMail,
  })
  const alarm = (name: string, description: string, metric: Metric): void => {
    new aws.cloudwatch.MetricAlarm(name, {
      alarmDescription: `${$app.name} ${$app.stage}: ${description}`,
      ...metric,
      period: 300,
      evaluationPeriods: 1,
      alarmActions: [topic.arn],
      okActions: [topic.arn],
    })
  }

  const api = { ApiId: gateway.nodes.api.id }
  alarm('GatewayErrors', 'answers of 5xx', above(0, 'AWS/ApiGateway', '5xx', api))
  for (const [door, fn] of Object.entries(functions)) {
    const name = door.charAt(0).toUpperCase() + door.slice(1)
    const lambda = { FunctionName: fn.name }
    alarm(`${name}Errors`, `${door} fails`, above(0, 'AWS/Lambda', 'Errors', lambda))
    alarm(`${name}Throttles`, `${door} is held back`, above(0, 'AWS/Lambda', 'Throttles', lambda))
  }
  const waiting = (name: string, description: string, { nodes }: sst.aws.Queue): void => {
    const queue = { QueueName: nodes.queue.name }
    alarm(name, description, {
      ...above(0, 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', queue),
      statistic: 'Maximum',
    })
  }
  waiting('DeadJobsWaiting', 'jobs that failed five times', stores.dead)
  waiting('UncountedWaiting', 'lines of the metrics that could not be counted', stores.uncounted)
  const table = { TableName: stores.table.name }
  for (const way of ['Read', 'Write']) {
    const what = `${way.toLowerCase()}s of the table are held back`
    alarm(`Table${way}Throttles`, what, above(0, 'AWS/DynamoDB', `${way}ThrottleEvents`, table))
  }
  if (upload) {
    alarm('UploadDoorUnwell', upload.unwell, upload.health)
    alarm('UploadDoorErrors', 'uploads answered by 5xx', told('serverErrors', 'upload-door', 0))
  }
  const upstream = told('upstreamErrors', 'api', MANY_UPSTREAM_ERRORS)
  alarm('UpstreamErrors', 'other registries fail', upstream)
  alarm('UpstreamQuotaLow', 'an upstream allows few pulls more', {
    ...told('upstreamQuotaRemaining', 'api', LITTLE_QUOTA),
    statistic: 'Minimum',
    comparisonOperator: 'LessThanThreshold',
  })
}
