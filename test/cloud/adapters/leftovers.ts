import {
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3'

/** What the server itself says it has of uploads to this key: the names of tails, the ids of multipart uploads. */
export async function leftovers(client: S3Client, Bucket: string, key: string): Promise<string[]> {
  const { Contents = [], IsTruncated } = await client.send(
    new ListObjectsV2Command({ Bucket, Prefix: `uploads/${key}/` }),
  )
  const { Uploads = [] } = await client.send(
    new ListMultipartUploadsCommand({ Bucket, Prefix: key }),
  )
  if (IsTruncated) throw new Error('there are more tails than one page lists')
  return [...Contents.map(({ Key }) => Key ?? ''), ...Uploads.map(({ UploadId }) => UploadId ?? '')]
}
