/** The registry over the engines that this function's environment names; the clients find the endpoints by themselves. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { SSMClient } from '@aws-sdk/client-ssm'
import type { CloudSettings } from '@sluice/adapters/aws/cloud-settings'
import { openCloudWing, type CloudWing } from '@sluice/adapters/aws/cloud-wing'
import { dynamodbClientSettings } from '@sluice/adapters/aws/dynamodb-client-settings'
import { s3ClientSettings } from '@sluice/adapters/aws/s3-client-settings'
import { ssmClientSettings } from '@sluice/adapters/aws/ssm-client-settings'
import { logDone } from './log-done.ts'
import type { Clock } from '@sluice/core/ports/clock'

export const openWing = (settings: CloudSettings, clock: Clock): CloudWing =>
  openCloudWing({
    dynamodb: new DynamoDBClient(dynamodbClientSettings()),
    s3: new S3Client(s3ClientSettings({ pathStyle: settings.pathStyle })),
    ssm: new SSMClient(ssmClientSettings()),
    tableName: settings.tableName,
    bucket: settings.bucket,
    keysParameter: settings.keysParameter,
    adminPasswordParameter: settings.adminPasswordParameter,
    clock,
    policy: settings.policy,
    issuers: settings.issuers,
    onProblem: (problem) => logDone('warning', 'a token cannot be verified', { problem }),
  })
