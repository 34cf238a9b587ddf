import { expect } from 'vitest'
import { allOf, onlyOf, type Graph } from './resource-graph.ts'

const DOORS = {
  ApiFunction: { memorySize: 1024, timeout: 30, group: 'api' },
  FillFunction: { memorySize: 512, timeout: 900, group: 'fill' },
  SweepFunction: { memorySize: 1024, timeout: 900, group: 'sweep' },
  ExporterFunction: { memorySize: 256, timeout: 30, group: 'exporter' },
}

/** Environment of every door, SST's own left out. */
export const expectedEnvironment = (
  stage: string,
  hostName: string,
  uploadDoor = true,
): Record<string, unknown> => ({
  NODE_OPTIONS: '--max-semi-space-size=1 --v8-pool-size=1',
  SLUICE_TABLE: expect.stringMatching(`^sluice-${stage}-RecordsTable-`),
  SLUICE_BUCKET: expect.stringMatching(`^(?:sluice-${stage}-blobsbucket-|my-blobs$)`),
  SLUICE_QUEUE_URL: 'https://JobsQueue.queue.standin.test',
  SLUICE_KEYS_PARAMETER: `/sluice/${stage}/signing-keys`,
  SLUICE_ADMIN_PASSWORD_PARAMETER: `/sluice/${stage}/admin-password`,
  SLUICE_SECRETS_PREFIX: `/sluice/${stage}/secrets`,
  SLUICE_PUBLIC_URL: `https://${hostName}`,
  SLUICE_ORIGIN_SECRET: 'a-generated-secret',
  SLUICE_GRACE: '86400',
  SLUICE_UPLOAD_IDLE: '86400',
  SLUICE_LOG_LEVEL: 'info',
  SLUICE_LOG_FORMAT: 'json',
  SLUICE_LOG_GROUPS: `/sluice/${stage}`,
  SLUICE_METRICS_NAMESPACE: `sluice/${stage}`,
  SLUICE_ACCESS_LOG: 'on',
  SLUICE_AUDIT: 'changes',
  ...(!uploadDoor && { SLUICE_UPLOAD_DOOR: 'off' }),
})

export const withoutSst = (environment: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('SST_')))

/** The functions, what leads to them, what sets them off, and their logs. */
export function expectDoors(
  graph: Graph,
  stage: string,
  hostName: string,
  uploadDoor = true,
): void {
  const functions = allOf(graph, 'lambda/Function')
  expect(functions.map(({ name }) => name).toSorted()).toEqual(Object.keys(DOORS).toSorted())
  for (const [name, { group, memorySize, timeout }] of Object.entries(DOORS)) {
    const { inputs } = onlyOf(graph, 'lambda/Function', name)
    expect(inputs, name).toMatchObject({
      architectures: ['arm64'],
      runtime: 'nodejs24.x',
      handler: 'index.handler',
      memorySize,
      timeout,
      loggingConfig: { logFormat: 'Text', logGroup: `/sluice/${stage}/${group}` },
    })
    const { variables } = inputs['environment'] as { variables: Record<string, unknown> }
    expect(withoutSst(variables), name).toEqual(expectedEnvironment(stage, hostName, uploadDoor))
  }

  for (const { name, inputs } of allOf(graph, 'LogGroup')) {
    expect(inputs['retentionInDays'], name).toBe(30)
  }
  expect(allOf(graph, 'LogGroup').length).toBeGreaterThanOrEqual(5)

  expect(onlyOf(graph, 'Api').inputs).toMatchObject({ protocolType: 'HTTP', corsConfiguration: {} })
  const routes = allOf(graph, 'apigatewayv2/Route').map(({ name, inputs }) => [
    inputs['routeKey'],
    onlyOf(graph, 'Integration', name.replace(/Route$/, 'Integration')).inputs,
  ])
  const integration = (fn: string): object => ({
    apiId: onlyOf(graph, 'Route', 'GatewayRouteRegistryRoute').inputs['apiId'],
    integrationType: 'AWS_PROXY',
    integrationUri: expect.stringMatching(`:Function/${fn}$`),
    payloadFormatVersion: '2.0',
    timeoutMilliseconds: 30_000,
  })
  expect(Object.fromEntries(routes)).toEqual({
    'ANY /extensions/v2/metrics': integration('ExporterFunction'),
    $default: integration('ApiFunction'),
  })
  expectSources(graph)
  expect(onlyOf(graph, 'Schedule', 'SweepScheduleSchedule').inputs).toMatchObject({
    state: 'ENABLED',
    scheduleExpression: 'rate(60 minutes)',
    target: {
      arn: expect.stringMatching(/:Function\/SweepFunction$/),
      input: '{"task":"sweep"}',
    },
  })
  expect(onlyOf(graph, 'Parameter').inputs).toMatchObject({
    name: `/sluice/${stage}/admin-password`,
    type: 'SecureString',
    value: 'first-password',
  })
}

/** The queues that set functions off, and what keeps the lines that the exporter failed at. */
function expectSources(graph: Graph): void {
  const sources = allOf(graph, 'EventSourceMapping').map(({ inputs }) => inputs)
  const of = (queue: string) =>
    sources.filter(({ eventSourceArn }) => String(eventSourceArn).endsWith(`:Queue/${queue}`))
  expect(sources).toHaveLength(2)
  const byOne = { functionResponseTypes: ['ReportBatchItemFailures'], batchSize: 1 }
  const [jobs] = of('JobsQueue')
  expect(jobs).toMatchObject({
    ...byOne,
    functionName: expect.stringMatching(/:Function\/FillFunction$/),
    scalingConfig: { maximumConcurrency: 10 },
  })
  expect(jobs?.['enabled'] ?? true).toBe(true)
  expect(of('UncountedQueue')).toMatchObject([
    {
      ...byOne,
      functionName: expect.stringMatching(/:Function\/ExporterFunction$/),
      scalingConfig: { maximumConcurrency: 2 },
      enabled: false,
    },
  ])
  const kept = allOf(graph, 'lambda/Function')
    .filter(({ inputs }) => inputs['deadLetterConfig'])
    .map(({ name, inputs }) => [name, inputs['deadLetterConfig']])
  expect(kept).toEqual([
    ['ExporterFunction', { targetArn: expect.stringMatching(/:Queue\/UncountedQueue$/) }],
  ])
}
