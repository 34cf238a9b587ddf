/** The stage `production` as the settings come: the upload door is a container. With a mail address for the alarms. */
import { UPSTREAM_DEFAULTS, UPSTREAM_PRESETS } from '@sluice/core/upstream/upstream-presets'
import { parseSweepTask } from '@sluice/functions/sweep-task'
import { upstreamDraft } from '@sluice/http/apis/upstream-draft'
import { beforeAll, describe, expect, it } from 'vitest'
import { diffStage, settings } from './diff-stage.ts'
import { expectDoors, expectedEnvironment, withoutSst } from './expect-doors.ts'
import { expectEdge, UPLOAD_PATHS } from './expect-edge.ts'
import { expectMetrics } from './expect-metrics.ts'
import { expectGrants, expectTrust } from './expect-roles.ts'
import { expectStores } from './expect-stores.ts'
import { allOf, onlyOf, type Graph } from './resource-graph.ts'

const HOST_NAME = 'registry.sluice.test'
const UPSTREAMS = `upstreams: [
  { name: 'docker.io', credentials: { type: 'basic', secretName: 'docker-hub' } },
  { name: 'registry.other.test', url: 'https://registry.other.test', coldBlob: 'wait' },
],`

describe('production', () => {
  let graph: Graph
  beforeAll(async () => {
    graph = await diffStage(
      'production',
      settings({ 'production: {': `production: { alarmMail: 'owner@sluice.test', ${UPSTREAMS}` }),
    )
  }, 300_000)

  it('keeps its bucket and its table whatever happens, and nothing else', () => {
    expectStores(graph, { production: true })
    const kept = graph.filter(({ protect, retain }) => protect || retain).map(({ name }) => name)
    expect(kept.toSorted()).toEqual(['BlobsBucket', 'RecordsTable'])
  })

  it('grants each door what its code calls and nothing beside', () => {
    expectGrants(graph, 'production')
    expectTrust(graph)
  })

  it('has four functions, a route to each of the two that answer, a queue and a schedule', () => {
    expectDoors(graph, 'production', HOST_NAME)
  })

  it('has the registry know its upstreams', () => {
    const { inputs } = onlyOf(graph, 'Invocation')
    expect(inputs['functionName']).toBe(
      onlyOf(graph, 'lambda/Function', 'SweepFunction').inputs['name'],
    )
    const { task, upstreams } = parseSweepTask(JSON.parse(String(inputs['input']))) as {
      readonly task: string
      readonly upstreams: readonly unknown[]
    }
    expect(task).toBe('upstreams')
    expect(upstreams.map(upstreamDraft).map(({ name, content }) => [name, content])).toEqual([
      [
        'docker.io',
        {
          ...UPSTREAM_PRESETS['docker.io'],
          credentials: { type: 'basic', secretName: 'docker-hub' },
        },
      ],
      [
        'registry.other.test',
        { ...UPSTREAM_DEFAULTS, urls: ['https://registry.other.test'], missPolicy: 'wait' },
      ],
    ])
  })

  it('sends uploads to their door and all else to the gateway, both with the secret', () => {
    const { uploads } = expectEdge(graph, HOST_NAME, UPLOAD_PATHS)
    expect(uploads).toMatchObject({
      domainName: 'uploaddoorloadbalancer.elb.standin.test',
      vpcOriginConfig: { vpcOriginId: 'UploadWay-id', originReadTimeout: 60 },
    })
    expect(onlyOf(graph, 'VpcOrigin').inputs['vpcOriginEndpointConfig']).toMatchObject({
      arn: expect.stringMatching(/:LoadBalancer\/UploadDoorLoadBalancer$/),
      httpPort: 80,
      originProtocolPolicy: 'http-only',
    })
  })

  it('has the name and the certificate made in Route 53, the certificate in us-east-1', () => {
    expect(onlyOf(graph, 'Certificate').inputs['domainName']).toBe(HOST_NAME)
    expect(graph.some(({ name }) => name === 'AwsProvider.sst.us-east-1')).toBe(true)
    const aliases = allOf(graph, 'Record').filter(({ inputs }) => inputs['name'] === HOST_NAME)
    expect(new Set(aliases.map(({ inputs }) => inputs['type']))).toEqual(new Set(['A', 'AAAA']))
  })

  it('runs the upload door in a container of arm64 that CloudFront alone reaches', () => {
    expect(onlyOf(graph, 'LoadBalancer').inputs).toMatchObject({
      internal: true,
      loadBalancerType: 'application',
      subnets: ['UploadInner1-id', 'UploadInner2-id'],
    })
    const group = onlyOf(graph, 'SecurityGroup', 'UploadDoorLoadBalancerSecurityGroup')
    expect(group.inputs['ingress']).toEqual([
      {
        protocol: 'tcp',
        fromPort: 80,
        toPort: 80,
        prefixListIds: ['pl-com.amazonaws.global.cloudfront.origin-facing'],
      },
    ])
    expect(onlyOf(graph, 'SecurityGroup', 'UploadContainers').inputs['ingress']).toEqual([
      { protocol: 'tcp', fromPort: 8080, toPort: 8080, cidrBlocks: ['10.0.0.0/16'] },
    ])
    expect(onlyOf(graph, 'TargetGroup').inputs).toMatchObject({
      port: 8080,
      healthCheck: { path: '/healthz', matcher: '200' },
    })
    expect(onlyOf(graph, 'ecs/Service').inputs).toMatchObject({
      enableExecuteCommand: false,
      desiredCount: 1,
      deploymentCircuitBreaker: { enable: true, rollback: true },
    })
    expect(onlyOf(graph, 'Target').inputs).toMatchObject({ minCapacity: 1, maxCapacity: 4 })
  })

  it("gives the container the doors' environment, time to end, and no terminal", () => {
    const { inputs } = onlyOf(graph, 'TaskDefinition')
    expect(inputs).toMatchObject({
      cpu: '512',
      memory: '1024',
      runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
    })
    const [container] = JSON.parse(inputs['containerDefinitions'] as string) as [
      { readonly environment: readonly { readonly name: string; readonly value: string }[] },
    ]
    expect(container).toMatchObject({
      pseudoTerminal: false,
      stopTimeout: 120,
      portMappings: [{ containerPort: 8080 }],
      logConfiguration: { options: { 'awslogs-group': '/sluice/production/upload-door' } },
    })
    const environment = Object.fromEntries(container.environment.map((e) => [e.name, e.value]))
    expect(withoutSst(environment)).toEqual({
      ...expectedEnvironment('production', HOST_NAME),
      AWS_REGION: 'eu-west-1',
      SLUICE_ADDRESS: '0.0.0.0',
      SLUICE_PORT: '8080',
    })
  })

  it('hands what the doors count to the exporter, and draws it', () => {
    expectMetrics(graph, 'production', ['api', 'fill', 'sweep', 'upload-door'])
  })

  it('mails an alarm for whatever fails, is held back or is unwell', () => {
    const topic = onlyOf(graph, 'Topic').name
    expect(onlyOf(graph, 'TopicSubscription').inputs).toMatchObject({
      protocol: 'email',
      endpoint: 'owner@sluice.test',
    })
    const alarms = allOf(graph, 'MetricAlarm')
    for (const { name, inputs } of alarms) {
      expect(inputs['alarmActions'], name).toEqual([expect.stringMatching(`:Topic/${topic}$`)])
      expect(Object.values(inputs['dimensions'] as object), name).not.toContain(undefined)
    }
    const watched = alarms.map(({ name, inputs }) => [
      name,
      `${String(inputs['namespace'])} ${String(inputs['metricName'])}`,
    ])
    expect(Object.fromEntries(watched)).toEqual({
      GatewayErrors: 'AWS/ApiGateway 5xx',
      ApiErrors: 'AWS/Lambda Errors',
      ApiThrottles: 'AWS/Lambda Throttles',
      FillErrors: 'AWS/Lambda Errors',
      FillThrottles: 'AWS/Lambda Throttles',
      SweepErrors: 'AWS/Lambda Errors',
      SweepThrottles: 'AWS/Lambda Throttles',
      ExporterErrors: 'AWS/Lambda Errors',
      ExporterThrottles: 'AWS/Lambda Throttles',
      DeadJobsWaiting: 'AWS/SQS ApproximateNumberOfMessagesVisible',
      UncountedWaiting: 'AWS/SQS ApproximateNumberOfMessagesVisible',
      TableReadThrottles: 'AWS/DynamoDB ReadThrottleEvents',
      TableWriteThrottles: 'AWS/DynamoDB WriteThrottleEvents',
      UploadDoorUnwell: 'AWS/ApplicationELB HealthyHostCount',
      UploadDoorErrors: 'sluice/production ServerErrors',
      UpstreamErrors: 'sluice/production UpstreamErrors',
      UpstreamQuotaLow: 'sluice/production UpstreamQuotaRemaining',
    })
    expect(onlyOf(graph, 'MetricAlarm', 'UpstreamQuotaLow').inputs).toMatchObject({
      dimensions: { service: 'api' },
      statistic: 'Minimum',
      comparisonOperator: 'LessThanThreshold',
      threshold: 10,
      treatMissingData: 'notBreaching',
    })
    // No data of it means that nobody is there, which no other alarm says.
    expect(onlyOf(graph, 'MetricAlarm', 'UploadDoorUnwell').inputs).toMatchObject({
      comparisonOperator: 'LessThanThreshold',
      threshold: 1,
      treatMissingData: 'breaching',
    })
    for (const name of ['DeadJobsWaiting', 'UncountedWaiting']) {
      expect(onlyOf(graph, 'MetricAlarm', name).inputs, name).toMatchObject({
        comparisonOperator: 'GreaterThanThreshold',
        threshold: 0,
        statistic: 'Maximum',
        treatMissingData: 'notBreaching',
      })
    }
  })
})
