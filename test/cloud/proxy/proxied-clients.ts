/** Clients of the engines whose calls go through proxies: each call is counted, and any can be made to fail. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { S3Client } from '@aws-sdk/client-s3'
import { SQSClient } from '@aws-sdk/client-sqs'
import { SSMClient } from '@aws-sdk/client-ssm'
import { dynamodbClientSettings } from '@sluice/adapters/aws/dynamodb-client-settings'
import { s3ClientSettings } from '@sluice/adapters/aws/s3-client-settings'
import { CREDENTIALS, REGION } from '../engines/credentials.ts'
import { engineUrls } from '../engines/engines.ts'
import { Calls } from './calls.ts'
import { startProxy } from './start-proxy.ts'

export interface ProxiedClients {
  readonly dynamodb: DynamoDBClient
  readonly s3: S3Client
  readonly sqs: SQSClient
  readonly ssm: SSMClient
  /** Of all, in one order. */
  readonly calls: Calls
  close(): Promise<void>
}

export interface ClientSettings {
  /** Milliseconds until a call counts as unanswered. Without it, and the next, as in a door. */
  readonly requestTimeout?: number
  /** How often S3's client sends a call before it gives up. */
  readonly s3Attempts?: number
}

export async function proxiedClients({
  requestTimeout,
  s3Attempts,
}: ClientSettings = {}): Promise<ProxiedClients> {
  const calls = new Calls()
  const urls = engineUrls()
  const services = [urls.dynamodb, urls.s3, urls.moto]
  const proxies = await Promise.all(services.map((url) => startProxy(url, calls)))
  const [table, store, parameters] = proxies.map(({ url }) => ({
    region: REGION,
    credentials: CREDENTIALS,
    endpoint: url,
  }))
  const ofTable = dynamodbClientSettings()
  const ofStore = s3ClientSettings({ pathStyle: true })
  const waits = requestTimeout === undefined ? {} : { requestTimeout }
  const dynamodb = new DynamoDBClient({
    ...table,
    ...ofTable,
    requestHandler: { ...ofTable.requestHandler, ...waits },
  })
  const s3 = new S3Client({
    ...store,
    ...ofStore,
    requestHandler: { ...ofStore.requestHandler, ...waits },
    ...(s3Attempts === undefined ? {} : { maxAttempts: s3Attempts }),
  })
  const sqs = new SQSClient({ ...parameters })
  const ssm = new SSMClient({ ...parameters })
  const close = async (): Promise<void> => {
    for (const client of [dynamodb, s3, sqs, ssm]) client.destroy()
    await Promise.all(proxies.map((proxy) => proxy.close()))
  }
  return { dynamodb, s3, sqs, ssm, calls, close }
}
