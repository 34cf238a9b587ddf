/** A refusal in the words of the service that is asked, as its SDK reads them. */
import type { FaultKind } from './calls.ts'

export interface FaultAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

export function faultAnswer(name: string, kind: FaultKind): FaultAnswer {
  if (name.startsWith('S3.')) return kind === 'throttle' ? S3_THROTTLE : S3_ERROR
  if (kind === 'error') return dynamodb(500, 'InternalServerError', 'Internal server error')
  if (kind === 'throttle') {
    return dynamodb(400, 'ProvisionedThroughputExceededException', 'The level of throughput')
  }
  const reasons = [{ Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }]
  return dynamodb(
    400,
    'TransactionCanceledException',
    'Transaction cancelled [TransactionConflict]',
    {
      CancellationReasons: reasons,
    },
  )
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
function dynamodb(status: number, type: string, message: string, more: object = {}): FaultAnswer {
  const body = JSON.stringify({
    __type: `com.amazonaws.dynamodb.v20120810#${type}`,
    message,
    ...more,
  })
  return { status, contentType: 'application/x-amz-json-1.0', body }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const s3 = (status: number, code: string, message: string): FaultAnswer => ({
  status,
  contentType: 'application/xml',
  body:
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<Error><Code>${code}</Code><Message>${message}</Message><RequestId>0</RequestId></Error>`,
})

const S3_ERROR = s3(500, 'InternalError', 'We encountered an internal error. Please try again.')
const S3_THROTTLE = s3(503, 'SlowDown', 'Please reduce your request rate.')
