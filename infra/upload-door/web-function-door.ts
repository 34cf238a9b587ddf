import type { StageDeployment } from '../deployment.ts'
import { logGrants, registryGrants } from '../grants.ts'
import { makeLogGroup } from '../log-group.ts'
import { policyDocument } from '../policy-document.ts'
import type { Stores } from '../stores.ts'
import { bundleUploadDoor } from './bundle-upload-door.ts'
import { makeCodeBucket } from './code-bucket.ts'
import { ORIGIN_READ_TIMEOUT, type UploadOrigin } from './upload-origin.ts'

/** As long as a request may take; a layer must be through by then. */
const TIMEOUT_SECONDS = 900

/** Uploads in one environment (2 GB), each with its parts in memory. */
const CONCURRENCY = 16

const ENDPOINT = 'default'

/**
 * The upload door as a Lambda Web Function: `packages/server` as it is, and nothing while nobody pushes. Through Cloud
 * Control, since SST's AWS provider does not know the type yet.
 * https://docs.aws.amazon.com/lambda/latest/dg/web-functions.html
 */
export function makeWebFunctionDoor(
  deployment: StageDeployment,
  stores: Stores,
  environment: Record<string, $util.Input<string>>,
): UploadOrigin {
  const functionName = `${$app.name}-${$app.stage}-upload-door`
  const { folder, sha256 } = bundleUploadDoor($cli.paths.root, $cli.paths.work)
  const { bucket, policy } = makeCodeBucket(functionName)
  // A name of its own for every content: a revision keeps the object that it was made of.
  const code = new aws.s3.BucketObjectv2('UploadDoorCode', {
    bucket: bucket.bucket,
    key: `upload-door-${sha256}.zip`,
    source: new $util.asset.FileArchive(folder),
  })
  const logs = makeLogGroup('UploadDoorLogs', 'upload-door', deployment)
  const role = new aws.iam.Role('UploadDoorRole', {
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: 'lambda.amazonaws.com' }),
    inlinePolicies: [
      {
        name: 'inline',
        policy: policyDocument([...registryGrants(stores), ...logGrants(logs)]),
      },
    ],
  })

  const fn = make('UploadDoor', 'WebFunction', { FunctionName: functionName }, [])
  const revision = make(
    'UploadDoorRevision',
    'WebFunctionRevision',
    {
      FunctionName: functionName,
      BuildConfig: {
        CodeConfig: { S3Object: { Bucket: code.bucket, Key: code.key, VersionId: code.versionId } },
        RuntimeConfig: { Runtime: 'nodejs24.x' },
      },
      ServiceConfig: {
        ExecutionRoleArn: role.arn,
        EnvironmentVariables: environment,
        MaxConcurrencyPerEnvironment: CONCURRENCY,
        TimeoutSeconds: TIMEOUT_SECONDS,
        TelemetryConfig: { LoggingConfig: { LogGroup: logs.name } },
      },
    },
    [fn, policy],
  )
  const endpoint = make(
    'UploadDoorEndpoint',
    'WebFunctionEndpoint',
    {
      FunctionName: functionName,
      EndpointName: ENDPOINT,
      EndpointType: 'HomeRegion',
      // Whoever asks is let in, and told by the door itself whether it may stay.
      AuthType: 'ApplicationManaged',
      RevisionWeights: [{ RevisionId: textIn(revision, 'RevisionId'), Weight: 100 }],
    },
    [fn],
  )
  return {
    origin: {
      domainName: textIn(endpoint, 'DomainName'),
      customOriginConfig: {
        httpPort: 80,
        httpsPort: 443,
        originProtocolPolicy: 'https-only',
        originSslProtocols: ['TLSv1.2'],
        originReadTimeout: ORIGIN_READ_TIMEOUT,
      },
    },
    unwell: 'the upload door answers 5xx',
    health: {
      namespace: 'AWS/Lambda/Web',
      metricName: 'HTTPResponseStatusClass5XX',
      dimensions: { FunctionName: functionName, EndpointName: ENDPOINT },
      statistic: 'Sum',
      threshold: 0,
      comparisonOperator: 'GreaterThanThreshold',
      treatMissingData: 'notBreaching',
    },
    logGroup: logs.name,
  }
}

const make = (
  name: string,
  type: string,
  desiredState: $util.Input<object>,
  dependsOn: $util.Resource[],
): aws.cloudcontrol.Resource =>
  new aws.cloudcontrol.Resource(
    name,
    { typeName: `AWS::Lambda::${type}`, desiredState: $jsonStringify(desiredState) },
    { dependsOn },
  )

/** One text of what Cloud Control says of a resource. */
const textIn = (resource: aws.cloudcontrol.Resource, name: string): $util.Output<string> =>
  resource.properties.apply((json) => {
    const value = (JSON.parse(json) as Record<string, unknown>)[name]
    if (typeof value !== 'string') throw new Error(`Cloud Control gave no ${name}`)
    return value
  })
