import { S3BlobStore } from '@sluice/adapters/aws/s3-blob-store'
import { describeBlobStore } from '../../contracts/blob-store.ts'
import { newBucket, s3Client } from '../engines/engines.ts'

describeBlobStore('S3BlobStore', async () => {
  const client = s3Client()
  const store = new S3BlobStore(client, await newBucket(client))
  return { store, close: async () => client.destroy() }
})
