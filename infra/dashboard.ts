import { CLOUD_METRICS, type CloudMetric, DOOR_DIMENSION } from '@sluice/adapters/aws/cloud-metrics'
import { costWidget } from './dashboard-cost.ts'
import type { Line, Widget } from './dashboard-widget.ts'
import type { StageDeployment } from './deployment.ts'
import type { Functions } from './functions.ts'
import { metricsNamespace } from './metrics-namespace.ts'
import type { Stores } from './stores.ts'

/** CloudWatch's grid is 24 wide. */
const WIDTH = 8
const HEIGHT = 6
const IN_A_ROW = 24 / WIDTH

/** What one looks at first: one page in CloudWatch. */
export function makeDashboard(
  deployment: StageDeployment,
  stores: Stores,
  functions: Functions,
  gateway: sst.aws.ApiGatewayV2,
): void {
  if (!deployment.dashboard) return
  const all = [
    ...registryWidgets(deployment, stores, functions, gateway),
    costWidget(deployment, stores, functions, gateway),
  ]
  const { region } = deployment
  new aws.cloudwatch.Dashboard('Dashboard', {
    dashboardName: `${$app.name}-${$app.stage}`,
    dashboardBody: $jsonStringify({
      widgets: all.map(({ title, lines, stat = 'Sum', period = 300 }, at) => ({
        type: 'metric',
        x: (at % IN_A_ROW) * WIDTH,
        y: Math.floor(at / IN_A_ROW) * HEIGHT,
        width: WIDTH,
        height: HEIGHT,
        properties: { title, region, view: 'timeSeries', stat, period, metrics: lines },
      })),
    }),
  })
}

function registryWidgets(
  { uploadDoor }: StageDeployment,
  { table, jobs, dead }: Stores,
  functions: Functions,
  gateway: sst.aws.ApiGatewayV2,
): Widget[] {
  const doors = ['api', ...(uploadDoor === 'off' ? [] : ['upload-door'])]
  const reading = ['api', 'fill']
  /** What the doors themselves tell. */
  const told = (metric: CloudMetric, of = doors, options = {}, more = ''): Line[] => {
    const { name } = CLOUD_METRICS[metric]
    return of.map((door) => [
      metricsNamespace(),
      name,
      DOOR_DIMENSION,
      door,
      { label: `${name} ${door}${more}`, ...options },
    ])
  }
  const lambda = (metric: string): Line[] =>
    Object.entries(functions).map(([door, { name }]) => [
      'AWS/Lambda',
      metric,
      'FunctionName',
      name,
      { label: `${metric} ${door}` },
    ])
  const api = (metric: string): Line => [
    'AWS/ApiGateway',
    metric,
    'ApiId',
    gateway.nodes.api.id,
    { label: `gateway ${metric}` },
  ]
  const records = (metric: string): Line => [
    'AWS/DynamoDB',
    metric,
    'TableName',
    table.name,
    { label: metric },
  ]
  const right = { yAxis: 'right' }

  return [
    { title: 'Requests', lines: [...told('requests'), api('Count')] },
    { title: 'Bytes', lines: [...told('bytesIn'), ...told('bytesOut')] },
    {
      title: 'Latency, ms',
      lines: ['p50', 'p90', 'p99'].flatMap((stat) => told('latency', doors, { stat }, ` ${stat}`)),
    },
    {
      title: 'Errors',
      lines: [
        ...told('serverErrors'),
        ...told('clientErrors'),
        ...told('storageErrors', [...doors, 'fill', 'sweep']),
        api('5xx'),
        ...lambda('Errors'),
      ],
    },
    {
      title: 'Held back',
      lines: [
        ...told('throttled'),
        ...lambda('Throttles'),
        records('ReadThrottleEvents'),
        records('WriteThrottleEvents'),
      ],
    },
    { title: 'Cold starts', lines: told('coldStarts', reading) },
    {
      title: 'Cache of other registries',
      lines: [
        ...told('cacheHits', ['api'], { id: 'hits' }),
        ...told('cacheMisses', ['api'], { id: 'misses' }),
        ...told('cacheStale', ['api']),
        [{ expression: '100 * hits / (hits + misses)', label: 'hits, %', ...right }],
      ],
    },
    {
      title: 'Other registries',
      lines: [
        ...told('upstreamErrors', reading),
        ...told('upstreamQuotaRemaining', reading, { stat: 'Minimum', ...right }),
      ],
    },
    {
      title: 'Jobs',
      lines: [
        queue('waiting', 'ApproximateNumberOfMessagesVisible', jobs),
        queue('oldest, s', 'ApproximateAgeOfOldestMessage', jobs),
        queue('dead letters', 'ApproximateNumberOfMessagesVisible', dead),
      ],
    },
  ]
}

const queue = (label: string, metric: string, { nodes }: sst.aws.Queue): Line => [
  'AWS/SQS',
  metric,
  'QueueName',
  nodes.queue.name,
  { label, stat: 'Maximum' },
]
