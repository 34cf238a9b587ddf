/**
 * DynamoDB's failures in the words of the table port.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { StorageError } from '@sluice/core/ports/storage-error'
import { TableLimitError } from '@sluice/core/ports/table-limits'

/** Refusals (status 400) that are over when others have finished, or when capacity has grown. */
const PASSING = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'TransactionConflictException',
  'TransactionInProgressException',
])

/**
 * Why a transaction was cancelled, one code for each write.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
const CONDITION_FAILED = 'ConditionalCheckFailed'
const WRITE_REFUSED = 'ValidationError'
const PASSING_REASONS = new Set([
  'TransactionConflict',
  'ProvisionedThroughputExceeded',
  'ThrottlingError',
])

const NO_REASONS: readonly string[] = []

const reasonsOf = (error: unknown): readonly string[] =>
  error instanceof TransactionCanceledException
    ? (error.CancellationReasons ?? []).map(({ Code = 'None' }) => Code)
    : NO_REASONS

/**
 * The positions of all writes whose condition did not hold; `undefined` when that is not why it failed, or not known
 * of each write: one that was in conflict with another transaction was not compared.
 */
export function failedConditions(error: unknown): readonly number[] | undefined {
  const reasons = reasonsOf(error)
  if (reasons.some((reason) => PASSING_REASONS.has(reason))) return undefined
  const failed = reasons.flatMap((reason, at) => (reason === CONDITION_FAILED ? [at] : []))
  return failed.length > 0 ? failed : undefined
}

/** Whether the same request may succeed a moment later: a throttle, a conflict, a broken service or network. */
export function mayPass(error: unknown): boolean {
  if (isDefect(error) || !(error instanceof Error)) return false
  if (PASSING.has(error.name)) return true
  if (reasonsOf(error).some((reason) => PASSING_REASONS.has(reason))) return true
  // Nobody was asked: these credentials will not come.
  if (error.name === 'CredentialsProviderError') return false
  const status = statusOf(error)
  return status === undefined || status < 400 || status >= 500 || status === 429
}

/** What the service refuses as malformed was asked wrongly; all else that it or the network throws may pass. */
export function dynamodbFailure(error: unknown): unknown {
  if (isDefect(error) || !(error instanceof Error)) return error
  if (error.name === 'ValidationException')
    return new TableLimitError(error.message, { cause: error })
  if (error instanceof TransactionCanceledException) {
    const refused = error.CancellationReasons?.find(({ Code }) => Code === WRITE_REFUSED)
    if (refused !== undefined) {
      return new TableLimitError(refused.Message ?? error.message, { cause: error })
    }
  }
  const message = `the table failed: ${error.name}: ${error.message}`
  return new StorageError('unavailable', message, error)
}

/** A mistake in this program rather than a failure of the service. */
const isDefect = (error: unknown): boolean =>
  error instanceof TableLimitError ||
  error instanceof TypeError ||
  error instanceof RangeError ||
  error instanceof ReferenceError

/** Of the answer, where one came. */
function statusOf(error: Error): number | undefined {
  if (!('$metadata' in error)) return undefined
  const { $metadata } = error
  if (typeof $metadata !== 'object' || $metadata === null) return undefined
  if (!('httpStatusCode' in $metadata)) return undefined
  return typeof $metadata.httpStatusCode === 'number' ? $metadata.httpStatusCode : undefined
}
