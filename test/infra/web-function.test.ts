/** The upload door as a Lambda Web Function. */
import { beforeAll, describe, expect, it } from 'vitest'
import { diffStage, settings } from './diff-stage.ts'
import { expectDoors, expectedEnvironment } from './expect-doors.ts'
import { expectEdge, UPLOAD_PATHS } from './expect-edge.ts'
import { expectGrants, expectTrust } from './expect-roles.ts'
import { expectStores } from './expect-stores.ts'
import { allOf, onlyOf, type Graph } from './resource-graph.ts'

const HOST_NAME = 'registry-dev.sluice.test'
const FUNCTION = 'sluice-dev-upload-door'

const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const IN_ECR = `upstreams: [
  { name: '${ECR}', url: 'https://${ECR}', credentials: { type: 'ecr' } },
]`

describe('the upload door as a web function', () => {
  let graph: Graph
  const stateOf = (type: string): unknown => {
    const resource = allOf(graph, 'cloudcontrol/Resource').find(
      ({ inputs }) => inputs['typeName'] === `AWS::Lambda::${type}`,
    )
    return JSON.parse(String(resource?.inputs['desiredState'])) as unknown
  }
  beforeAll(async () => {
    const edits = {
      "uploadDoor: 'off'": `uploadDoor: 'web-function', dashboard: false, prometheus: false, alarmMail: 'a@sluice.test', ${IN_ECR}`,
    }
    graph = await diffStage('dev', settings(edits))
  }, 300_000)

  it('is a function, one revision of it and an endpoint, with nothing that runs', () => {
    expect(allOf(graph, 'cloudcontrol/Resource')).toHaveLength(3)
    expect(stateOf('WebFunction')).toEqual({ FunctionName: FUNCTION })
    expect(stateOf('WebFunctionRevision')).toEqual({
      FunctionName: FUNCTION,
      BuildConfig: {
        CodeConfig: {
          S3Object: {
            Bucket: 'UploadDoorCodeBucket',
            Key: expect.stringMatching(/^upload-door-[0-9a-f]{64}\.zip$/),
            VersionId: 'version-1',
          },
        },
        RuntimeConfig: { Runtime: 'nodejs24.x' },
      },
      ServiceConfig: {
        ExecutionRoleArn: expect.stringMatching(/:Role\/UploadDoorRole$/),
        EnvironmentVariables: expectedEnvironment('dev', HOST_NAME),
        MaxConcurrencyPerEnvironment: 16,
        TimeoutSeconds: 900,
        TelemetryConfig: { LoggingConfig: { LogGroup: '/sluice/dev/upload-door' } },
      },
    })
    expect(stateOf('WebFunctionEndpoint')).toEqual({
      FunctionName: FUNCTION,
      EndpointName: 'default',
      EndpointType: 'HomeRegion',
      AuthType: 'ApplicationManaged',
      RevisionWeights: [{ RevisionId: 'revision-1', Weight: 100 }],
    })
    for (const kind of ['Vpc', 'ecs/Service', 'LoadBalancer']) {
      expect(allOf(graph, kind), kind).toEqual([])
    }
  })

  it('leaves nothing behind when the stage is removed', () => {
    expect(graph.filter(({ protect, retain }) => protect || retain)).toEqual([])
  })

  it('is reached by its own name over TLS', () => {
    const { uploads } = expectEdge(graph, HOST_NAME, UPLOAD_PATHS)
    expect(uploads).toMatchObject({
      domainName: 'door.standin.test',
      customOriginConfig: { originProtocolPolicy: 'https-only' },
    })
  })

  it('grants as the container does, and the code to Lambda on behalf of this function alone', () => {
    expectGrants(graph, 'dev', { ecr: true })
    expectTrust(graph)
    expectStores(graph, { production: false })
    expectDoors(graph, 'dev', HOST_NAME)
    expect(onlyOf(graph, 'BucketVersioning').inputs).toMatchObject({
      bucket: 'UploadDoorCodeBucket',
      versioningConfiguration: { status: 'Enabled' },
    })
    const { policy } = onlyOf(graph, 'BucketPolicy', 'UploadDoorCodePolicy').inputs
    expect(JSON.parse(policy as string)).toMatchObject({
      Statement: [
        {
          Effect: 'Allow',
          Action: ['s3:GetObject', 's3:GetObjectVersion'],
          Principal: [{ type: 'Service', identifiers: ['lambda.amazonaws.com'] }],
          Condition: [
            { variable: 'aws:SourceAccount', values: ['123456789012'] },
            {
              variable: 'aws:SourceArn',
              values: [`arn:aws:lambda:eu-west-1:123456789012:web-function/${FUNCTION}/*`],
            },
          ],
        },
        { Effect: 'Deny', Action: ['s3:*'] },
      ],
    })
  })

  it('draws nothing and hands nothing on where its owner wants neither', () => {
    for (const kind of ['Dashboard', 'LogSubscriptionFilter']) {
      expect(allOf(graph, kind), kind).toEqual([])
    }
    expect(allOf(graph, 'lambda/Permission').map(({ name }) => name)).not.toContain(
      'ExporterPermission',
    )
  })

  it('alarms when it answers 5xx', () => {
    expect(onlyOf(graph, 'MetricAlarm', 'UploadDoorUnwell').inputs).toMatchObject({
      namespace: 'AWS/Lambda/Web',
      dimensions: { FunctionName: FUNCTION, EndpointName: 'default' },
    })
  })
})
