/** Clients of the local engines. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { SQSClient } from '@aws-sdk/client-sqs'
import { SSMClient } from '@aws-sdk/client-ssm'
import { CREDENTIALS, REGION } from './credentials.ts'

/** `http://host:port` of each. */
export interface EngineUrls {
  readonly dynamodb: string
  readonly s3: string
  readonly moto: string
}

const common = { region: REGION, credentials: CREDENTIALS }

export const engineClients = (urls: EngineUrls) => ({
  dynamodb: new DynamoDBClient({ ...common, endpoint: urls.dynamodb }),
  s3: new S3Client({ ...common, endpoint: urls.s3, forcePathStyle: true }),
  sqs: new SQSClient({ ...common, endpoint: urls.moto }),
  ssm: new SSMClient({ ...common, endpoint: urls.moto }),
})
