/**
 * Where a Web Function's code lies: with versions, and readable to Lambda on behalf of this function's revisions, as
 * https://docs.aws.amazon.com/lambda/latest/dg/web-functions-code-s3.html demands. It holds no data, and goes with the stage.
 */
export function makeCodeBucket(functionName: string): {
  readonly bucket: aws.s3.Bucket
  readonly policy: aws.s3.BucketPolicy
} {
  const bucket = new aws.s3.Bucket(
    'UploadDoorCodeBucket',
    { forceDestroy: true },
    { retainOnDelete: false },
  )
  const closed = new aws.s3.BucketPublicAccessBlock('UploadDoorCodeAccess', {
    bucket: bucket.bucket,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  })
  const versions = new aws.s3.BucketVersioning('UploadDoorCodeVersions', {
    bucket: bucket.bucket,
    versioningConfiguration: { status: 'Enabled' },
  })
  const { accountId } = aws.getCallerIdentityOutput()
  const { region } = aws.getRegionOutput()
  const { partition } = aws.getPartitionOutput()
  const all = [bucket.arn, $interpolate`${bucket.arn}/*`]
  const policy = new aws.s3.BucketPolicy(
    'UploadDoorCodePolicy',
    {
      bucket: bucket.bucket,
      policy: aws.iam.getPolicyDocumentOutput({
        statements: [
          {
            effect: 'Allow',
            principals: [{ type: 'Service', identifiers: ['lambda.amazonaws.com'] }],
            actions: ['s3:GetObject', 's3:GetObjectVersion'],
            resources: [$interpolate`${bucket.arn}/*`],
            conditions: [
              { test: 'StringEquals', variable: 'aws:SourceAccount', values: [accountId] },
              {
                test: 'ArnLike',
                variable: 'aws:SourceArn',
                values: [
                  $interpolate`arn:${partition}:lambda:${region}:${accountId}:web-function/${functionName}/*`,
                ],
              },
            ],
          },
          {
            effect: 'Deny',
            principals: [{ type: '*', identifiers: ['*'] }],
            actions: ['s3:*'],
            resources: all,
            conditions: [{ test: 'Bool', variable: 'aws:SecureTransport', values: ['false'] }],
          },
        ],
      }).json,
    },
    { dependsOn: [closed, versions] },
  )
  return { bucket, policy }
}
