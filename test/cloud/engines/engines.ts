/** The engines that the global setup has started, for one test file: clients, and tables and buckets of its own. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3'
import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { createTable } from './create-table.ts'
import { engineClients, type EngineUrls } from './engine-clients.ts'

declare module 'vitest' {
  interface ProvidedContext {
    engines: EngineUrls
  }
}

export const engineUrls = (): EngineUrls => inject('engines')

export const dynamodbClient = (endpoint = engineUrls().dynamodb): DynamoDBClient =>
  engineClients({ ...engineUrls(), dynamodb: endpoint }).dynamodb

export const s3Client = (endpoint = engineUrls().s3): S3Client =>
  engineClients({ ...engineUrls(), s3: endpoint }).s3

/** An empty table; answers its name. */
export async function newTable(client: DynamoDBClient): Promise<string> {
  const name = `sluice-${randomBytes(6).toString('hex')}`
  await createTable(client, name)
  return name
}

/** An empty bucket; answers its name. */
export async function newBucket(client: S3Client): Promise<string> {
  const Bucket = `sluice-${randomBytes(6).toString('hex')}`
  await client.send(new CreateBucketCommand({ Bucket }))
  return Bucket
}
