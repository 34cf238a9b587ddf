import type { StageDeployment } from './deployment.ts'

const DAY = 86_400

/**
 * Private, encrypted, over TLS alone. Without versions: a blob's key is never written twice, so a version would only keep
 * what the sweeper removed, and bill it. In production it outlives the stage.
 */
export function makeBucket(deployment: StageDeployment): sst.aws.Bucket {
  const { production, existingBucket, uploadIdleSeconds } = deployment
  // Some days after the sweeper should have removed them itself.
  const days = Math.ceil(uploadIdleSeconds / DAY) + 6
  const bucket = new sst.aws.Bucket('Blobs', {
    cors: false,
    versioning: false,
    enforceHttps: true,
    lifecycle: [{ id: 'abandoned-uploads' }],
    transform: {
      bucket: (args, options) => {
        args.forceDestroy = !production
        options.protect = production
        if (existingBucket !== undefined) {
          // What somebody had before stays whatever the stage is; and an import must not ask for what S3 cannot show.
          args.forceDestroy = false
          args.bucket = existingBucket
          options.import = existingBucket
          options.retainOnDelete = true
        }
      },
      lifecycle: (args) => {
        args.rules = [
          {
            id: 'abandoned-uploads',
            status: 'Enabled',
            filter: { prefix: '' },
            abortIncompleteMultipartUpload: { daysAfterInitiation: days },
          },
          {
            id: 'abandoned-tails',
            status: 'Enabled',
            filter: { prefix: 'uploads/' },
            expiration: { days },
          },
        ]
      },
    },
  })
  new aws.s3.BucketServerSideEncryptionConfiguration('BlobsEncryption', {
    bucket: bucket.name,
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
  })
  return bucket
}
