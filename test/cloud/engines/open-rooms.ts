/** A table and a bucket of the local engines, for one registry under test in this process. */
import { S3Client } from '@aws-sdk/client-s3'
import { DynamoDbTable } from '@sluice/adapters/aws/dynamodb-table'
import { S3BlobStore } from '@sluice/adapters/aws/s3-blob-store'
import { s3ClientSettings } from '@sluice/adapters/aws/s3-client-settings'
import type { BlobStore } from '@sluice/core/ports/blob-store'
import type { Rooms } from '../../http/served-registry.ts'
import { settableClock } from '../../temporary-registry.ts'
import { CREDENTIALS, REGION } from './credentials.ts'
import { engineClients, type EngineUrls } from './engine-clients.ts'
import { newBucket, newTable } from './engines.ts'

export async function openRooms(urls: EngineUrls): Promise<Rooms> {
  const { dynamodb } = engineClients(urls)
  const s3 = new S3Client({
    ...s3ClientSettings({ pathStyle: true }),
    region: REGION,
    credentials: CREDENTIALS,
    endpoint: urls.s3,
  })
  const store: BlobStore = new S3BlobStore(s3, await newBucket(s3))
  // Whoever asks a door directly follows no redirect, and wants the registry's own headers: let it serve every byte.
  store.link = async () => undefined
  return {
    table: new DynamoDbTable(dynamodb, await newTable(dynamodb)),
    store,
    clock: settableClock(),
    close: async () => {
      dynamodb.destroy()
      s3.destroy()
    },
  }
}
