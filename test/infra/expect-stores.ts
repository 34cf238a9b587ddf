import { expect } from 'vitest'
import { allOf, onlyOf, type Graph } from './resource-graph.ts'

/** The bucket, the table and the queues, which are the same in every stage but for what keeps them. */
export function expectStores(graph: Graph, { production }: { readonly production: boolean }): void {
  const bucket = onlyOf(graph, 'Bucket', 'BlobsBucket')
  const name = bucket.inputs['bucket']
  const foreign = bucket.importId !== undefined
  expect(bucket).toMatchObject({ protect: production, retain: production || foreign })
  expect(bucket.inputs['forceDestroy']).toBe(!production && !foreign)
  expect(onlyOf(graph, 'BucketPublicAccessBlock', 'BlobsPublicAccessBlock').inputs).toEqual({
    bucket: name,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  })
  const { policy } = onlyOf(graph, 'BucketPolicy', 'BlobsPolicy').inputs
  const arn = expect.stringMatching(/:Bucket\/BlobsBucket(?:\/\*)?$/)
  expect(JSON.parse(policy as string)).toMatchObject({
    Statement: [
      {
        Effect: 'Deny',
        Action: ['s3:*'],
        Resource: [arn, arn],
        Principal: [{ type: '*', identifiers: ['*'] }],
        Condition: [{ test: 'Bool', variable: 'aws:SecureTransport', values: ['false'] }],
      },
    ],
  })
  expect(onlyOf(graph, 'BucketServerSideEncryptionConfiguration').inputs).toEqual({
    bucket: name,
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
  })
  expect(onlyOf(graph, 'BucketLifecycleConfiguration').inputs).toMatchObject({
    bucket: name,
    rules: [
      { status: 'Enabled', abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } },
      { status: 'Enabled', filter: { prefix: 'uploads/' }, expiration: { days: 7 } },
    ],
  })
  expect(allOf(graph, 'BucketCorsConfiguration')).toEqual([])
  expect(
    allOf(graph, 'BucketVersioning').filter(({ inputs }) => inputs['bucket'] === name),
  ).toEqual([])

  const table = onlyOf(graph, 'Table')
  expect(table).toMatchObject({ protect: production, retain: production })
  expect(table.inputs).toMatchObject({
    billingMode: 'PAY_PER_REQUEST',
    hashKey: 'pk',
    rangeKey: 'sk',
    attributes: [
      { name: 'pk', type: 'S' },
      { name: 'sk', type: 'S' },
    ],
    globalSecondaryIndexes: [],
    pointInTimeRecovery: { enabled: true },
    ttl: { attributeName: 'expires', enabled: true },
    deletionProtectionEnabled: production,
  })

  expect(onlyOf(graph, 'Queue', 'JobsQueue').inputs).toMatchObject({
    sqsManagedSseEnabled: true,
    // Six times the function's 15 minutes. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    visibilityTimeoutSeconds: 5400,
    redrivePolicy: expect.stringMatching(/:Queue\/DeadJobsQueue","maxReceiveCount":5\}$/),
  })
  expect(onlyOf(graph, 'Queue', 'DeadJobsQueue').inputs).toMatchObject({
    sqsManagedSseEnabled: true,
    messageRetentionSeconds: 1_209_600,
  })
  expect(onlyOf(graph, 'Queue', 'UncountedQueue').inputs).toMatchObject({
    sqsManagedSseEnabled: true,
    visibilityTimeoutSeconds: 180,
    messageRetentionSeconds: 1_209_600,
  })
}
