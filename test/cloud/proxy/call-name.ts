/** What the SDK calls a request, read from the request itself: `DynamoDB.GetItem`, `S3.UploadPart`. */
import type { IncomingHttpHeaders } from 'node:http'

export interface CallHead {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
}

/** One that is none of these has its method for a name, and shows up in whoever counts. */
export function callName(head: CallHead): string {
  const target = head.headers['x-amz-target']
  if (typeof target === 'string') return target.replace(/^DynamoDB_\d+\./, 'DynamoDB.')
  return `S3.${s3Operation(head)}`
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
function s3Operation({ method, target, headers }: CallHead): string {
  const { pathname, searchParams: query } = new URL(target, 'http://s3')
  const [, key] = /^\/[^/]+\/(.+)$/.exec(pathname) ?? []
  const room = key === undefined ? 'bucket' : 'object'
  const copies = 'x-amz-copy-source' in headers
  switch (`${method} ${room}`) {
    case 'PUT object':
      if (query.has('uploadId')) return copies ? 'UploadPartCopy' : 'UploadPart'
      return copies ? 'CopyObject' : 'PutObject'
    case 'POST object':
      if (query.has('uploads')) return 'CreateMultipartUpload'
      return query.has('uploadId') ? 'CompleteMultipartUpload' : 'POST object'
    case 'GET object':
      return query.has('uploadId') ? 'ListParts' : 'GetObject'
    case 'HEAD object':
      return 'HeadObject'
    case 'DELETE object':
      return query.has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject'
    case 'GET bucket':
      if (query.has('uploads')) return 'ListMultipartUploads'
      return query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects'
    case 'POST bucket':
      return query.has('delete') ? 'DeleteObjects' : 'POST bucket'
    case 'PUT bucket':
      return 'CreateBucket'
    case 'HEAD bucket':
      return 'HeadBucket'
    default:
      return `${method} ${room}`
  }
}
