import { PRICES } from './cost/prices.ts'
import type { Line, Widget } from './dashboard-widget.ts'
import type { StageDeployment } from './deployment.ts'
import type { Functions } from './functions.ts'
import type { Stores } from './stores.ts'

type Price = (typeof PRICES)[keyof typeof PRICES]

const each = ({ dollars, per }: Price): number => dollars / per

/**
 * What the functions, the gateway, the table and the queue take, at list prices. CloudFront counts in us-east-1, S3 tells its
 * requests to nobody, and what always runs costs the same each hour: `npm run cost` has those.
 */
export function costWidget(
  { memory }: StageDeployment,
  { table, jobs }: Stores,
  functions: Functions,
  gateway: sst.aws.ApiGatewayV2,
): Widget {
  const lines: Line[] = []
  /** A part of the bill: an amount of each metric times its price. */
  const part = (
    label: string,
    of: readonly (readonly [price: number, path: readonly $util.Input<string>[]])[],
  ): void => {
    const terms = of.map(([price, path]) => {
      const id = `m${lines.length}`
      lines.push([...path, { id, visible: false }])
      return `FILL(${id}, 0) * ${price.toFixed(14)}`
    })
    lines.push([{ label, expression: terms.join(' + ') }])
  }

  part(
    'functions',
    Object.entries(functions).flatMap(([door, { name }]) => {
      const gigabytes = memory[door as keyof typeof memory] / 1024
      const millisecond = (each(PRICES.lambdaGbSeconds) * gigabytes) / 1000
      return [
        [each(PRICES.lambdaRequests), ['AWS/Lambda', 'Invocations', 'FunctionName', name]],
        [millisecond, ['AWS/Lambda', 'Duration', 'FunctionName', name]],
      ] as const
    }),
  )
  const api = ['AWS/ApiGateway', 'Count', 'ApiId', gateway.nodes.api.id]
  part('gateway', [[each(PRICES.httpApiRequests), api]])
  const consumed = (way: 'Read' | 'Write') =>
    ['AWS/DynamoDB', `Consumed${way}CapacityUnits`, 'TableName', table.name] as const
  part('table', [
    [each(PRICES.tableReads), consumed('Read')],
    [each(PRICES.tableWrites), consumed('Write')],
  ])
  part(
    'queue',
    ['MessagesSent', 'MessagesReceived', 'EmptyReceives', 'MessagesDeleted'].map(
      (what) =>
        [
          each(PRICES.queueRequests),
          ['AWS/SQS', `NumberOf${what}`, 'QueueName', jobs.nodes.queue.name],
        ] as const,
    ),
  )
  return { title: 'Cost estimate, dollars an hour', period: 3600, lines }
}
