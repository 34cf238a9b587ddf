import { CLOUD_METRICS } from '@sluice/adapters/aws/cloud-metrics'
import { expect } from 'vitest'
import { METERED } from '../../infra/metered.ts'
import { allOf, onlyOf, type Graph } from './resource-graph.ts'

interface Properties {
  readonly title: string
  readonly region: string
  readonly metrics: readonly (readonly unknown[])[]
}

/** What the doors' logs hand to the exporter, and what is drawn of what they tell CloudWatch. */
export function expectMetrics(graph: Graph, stage: string, doors: readonly string[]): void {
  const subscribed = allOf(graph, 'LogSubscriptionFilter').map(({ inputs }) => inputs)
  expect(subscribed.map(({ logGroup }) => String(logGroup)).toSorted()).toEqual(
    doors.map((door) => `/sluice/${stage}/${door}`).toSorted(),
  )
  const groups = allOf(graph, 'LogGroup').map(({ inputs }) => inputs['name'])
  for (const { logGroup, filterPattern, destinationArn } of subscribed) {
    expect(groups).toContain(logGroup)
    expect(filterPattern).toBe(METERED)
    expect(destinationArn).toMatch(/:Function\/ExporterFunction$/)
  }
  expect(onlyOf(graph, 'lambda/Permission', 'ExporterPermission').inputs).toMatchObject({
    action: 'lambda:InvokeFunction',
    principal: 'logs.amazonaws.com',
    function: onlyOf(graph, 'lambda/Function', 'ExporterFunction').inputs['name'],
    sourceArn: `arn:aws:logs:eu-west-1:123456789012:log-group:/sluice/${stage}/*`,
    sourceAccount: '123456789012',
  })
  expectDashboard(graph, stage, doors)
}

function expectDashboard(graph: Graph, stage: string, doors: readonly string[]): void {
  const { dashboardName, dashboardBody } = onlyOf(graph, 'Dashboard').inputs
  expect(dashboardName).toBe(`sluice-${stage}`)
  const { widgets } = JSON.parse(dashboardBody as string) as {
    readonly widgets: readonly { readonly properties: Properties }[]
  }
  expect(widgets.map(({ properties }) => properties.title)).toEqual([
    'Requests',
    'Bytes',
    'Latency, ms',
    'Errors',
    'Held back',
    'Cold starts',
    'Cache of other registries',
    'Other registries',
    'Jobs',
    'Cost estimate, dollars an hour',
  ])
  const told = new Set(Object.values(CLOUD_METRICS).map(({ name }) => name as string))
  const namespaces = new Set<unknown>()
  for (const { properties } of widgets) {
    expect(properties.region).toBe('eu-west-1')
    const ids = new Set<string>()
    for (const line of properties.metrics) {
      const options = line.at(-1) as { readonly id?: string; readonly expression?: string }
      if (options.expression === undefined) {
        const [namespace, name, dimension, value] = line
        namespaces.add(namespace)
        expect(typeof value, `${properties.title}: ${String(name)}`).toBe('string')
        if (namespace === `sluice/${stage}`) {
          expect(told.has(name as string), String(name)).toBe(true)
          expect(dimension).toBe('service')
          expect(doors).toContain(value)
        }
        if (options.id !== undefined) ids.add(options.id)
      } else {
        const named = options.expression.match(/[a-z]\w*/g) ?? []
        expect(named.length).toBeGreaterThan(0)
        for (const id of named.filter((name) => !/^e\d*$/.test(name))) {
          expect(ids.has(id), `${properties.title}: ${id}`).toBe(true)
        }
      }
    }
  }
  expect([...namespaces].map(String).toSorted()).toEqual([
    'AWS/ApiGateway',
    'AWS/DynamoDB',
    'AWS/Lambda',
    'AWS/SQS',
    `sluice/${stage}`,
  ])
}
