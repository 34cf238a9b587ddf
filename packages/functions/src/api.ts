/** The registry on Lambda, behind an HTTP API. Wiring only: nothing is opened before the first request. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { SSMClient } from '@aws-sdk/client-ssm'
import { cloudSettings } from '@sluice/adapters/aws/cloud-settings'
import { openCloudWing } from '@sluice/adapters/aws/cloud-wing'
import { dynamodbClientSettings } from '@sluice/adapters/aws/dynamodb-client-settings'
import { s3ClientSettings } from '@sluice/adapters/aws/s3-client-settings'
import { createApp } from '@sluice/http/app'
import { lambdaDoor, type LambdaApp } from './lambda-door.ts'
import { logFailure } from './log-failure.ts'

async function openApp(): Promise<LambdaApp> {
  const settings = cloudSettings(process.env)
  const { tableName, bucket, keysParameter, adminPasswordParameter, policy } = settings
  const wing = openCloudWing({
    dynamodb: new DynamoDBClient(dynamodbClientSettings()),
    s3: new S3Client(s3ClientSettings({ pathStyle: settings.pathStyle })),
    ssm: new SSMClient(),
    tableName,
    bucket,
    keysParameter,
    adminPasswordParameter,
    clock: { now: () => Date.now() },
    policy,
  })
  return createApp({ ...wing, publicUrl: settings.publicUrl, onFailure: logFailure })
}

export const handler = lambdaDoor(openApp, {
  // Read here, so that a door whose other settings are wrong still tells only its origin.
  originSecret: process.env['SLUICE_ORIGIN_SECRET'] || undefined,
  onFailure: logFailure,
})
