import type { PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3'

/**
 * Leaves a body's SHA-256 out of what is signed, which would cost more processor time than all else that is done to the
 * bytes here. The checksum that S3 compares them with is signed, and TLS is around both.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function withUnsignedBody<T extends PutObjectCommand | UploadPartCommand>(command: T): T {
  // Of two kinds of command; what is added serves both.
  const { middlewareStack } = command as PutObjectCommand
  middlewareStack.add(
    (next) => async (args) => {
      const { headers } = args.request as { readonly headers: Record<string, string> }
      headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD'
      return next(args)
    },
    { step: 'build', name: 'unsignedBody' },
  )
  return command
}
