/** Clients of the engines whose calls go through proxies: each call is counted, and any can be made to fail. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { dynamodbClientSettings } from '@sluice/adapters/aws/dynamodb-client-settings'
import { CREDENTIALS, REGION } from '../engines/credentials.ts'
import { engineUrls } from '../engines/engines.ts'
import { Calls } from './calls.ts'
import { startProxy } from './start-proxy.ts'

/** Longer than any call to the engines takes on a busy machine, short enough for many that are never answered. */
const REQUEST_TIMEOUT_MS = 1500

export interface ProxiedClients {
  readonly dynamodb: DynamoDBClient
  readonly s3: S3Client
  /** Of both, in one order. */
  readonly calls: Calls
  close(): Promise<void>
}

/** The table's client is made as in a door, and so is S3's, unless `s3Attempts` says how often it sends a call. */
export async function proxiedClients({
  requestTimeout = REQUEST_TIMEOUT_MS,
  s3Attempts = 3,
} = {}): Promise<ProxiedClients> {
  const calls = new Calls()
  const urls = engineUrls()
  const table = await startProxy(urls.dynamodb, calls)
  const store = await startProxy(urls.s3, calls)
  const settings = {
    region: REGION,
    credentials: CREDENTIALS,
    requestHandler: { requestTimeout, throwOnRequestTimeout: true },
  }
  const dynamodb = new DynamoDBClient({
    ...dynamodbClientSettings(),
    ...settings,
    endpoint: table.url,
  })
  const s3 = new S3Client({
    ...settings,
    endpoint: store.url,
    forcePathStyle: true,
    maxAttempts: s3Attempts,
  })
  const close = async (): Promise<void> => {
    dynamodb.destroy()
    s3.destroy()
    await Promise.all([table.close(), store.close()])
  }
  return { dynamodb, s3, calls, close }
}
