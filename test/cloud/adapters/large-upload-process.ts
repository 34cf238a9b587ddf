/** Uploads 1 GB to S3 and prints how much memory that took at most: `<S3's URL> <bucket> <key>`. */
import { S3Client } from '@aws-sdk/client-s3'
import { S3BlobStore } from '@sluice/adapters/aws/s3-blob-store'
import { s3ClientSettings } from '@sluice/adapters/aws/s3-client-settings'
import type { Source } from '@sluice/core/ports/blob-store'
import { CREDENTIALS, REGION } from '../engines/credentials.ts'

const SIZE = 1_000_000_000
const PIECE_BYTES = 65_536
const [endpoint = '', bucket = '', key = ''] = process.argv.slice(2)

/** Each piece is memory of its own, as what comes from a socket is. */
async function* arriving(): Source {
  for (let left = SIZE; left > 0; left -= PIECE_BYTES) {
    yield Buffer.alloc(Math.min(PIECE_BYTES, left), left)
  }
}

const client = new S3Client({
  ...s3ClientSettings({ pathStyle: true }),
  endpoint,
  region: REGION,
  credentials: CREDENTIALS,
})
const store = new S3BlobStore(client, bucket)
const { state, size } = await store.append(await store.open(key), arriving())
await store.commit(state)
await store.delete(key)
const residentBytes = process.resourceUsage().maxRSS * 1024
process.stdout.write(JSON.stringify({ size, residentBytes }))
client.destroy()
