/** The engines that the global setup has started, for one test file: clients, and tables and buckets of its own. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { CREDENTIALS, REGION } from './credentials.ts'

export interface EngineUrls {
  readonly dynamodb: string
  readonly s3: string
  readonly moto: string
}

declare module 'vitest' {
  interface ProvidedContext {
    engines: EngineUrls
  }
}

export const engineUrls = (): EngineUrls => inject('engines')

export const dynamodbClient = (endpoint = engineUrls().dynamodb): DynamoDBClient =>
  new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS })

export const s3Client = (endpoint = engineUrls().s3): S3Client =>
  new S3Client({ endpoint, region: REGION, credentials: CREDENTIALS, forcePathStyle: true })

/** An empty table, as the infrastructure makes it; answers its name. */
export async function newTable(client: DynamoDBClient): Promise<string> {
  const TableName = `sluice-${randomBytes(6).toString('hex')}`
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  )
  return TableName
}

/** An empty bucket; answers its name. */
export async function newBucket(client: S3Client): Promise<string> {
  const Bucket = `sluice-${randomBytes(6).toString('hex')}`
  await client.send(new CreateBucketCommand({ Bucket }))
  return Bucket
}
