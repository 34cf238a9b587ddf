import { randomBytes } from 'node:crypto'
import {
  BatchGetItemCommand,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dynamodbClient, newBucket, newTable, s3Client } from '../engines/engines.ts'
import { FAULT_KINDS, type FaultKind, type FaultLife } from './calls.ts'
import { proxiedClients, type ProxiedClients } from './proxied-clients.ts'

const direct = { dynamodb: dynamodbClient(), s3: s3Client() }
let TableName = ''
let Bucket = ''
/** Its SDK tells every failure. */
let proxied: ProxiedClients

beforeAll(async () => {
  TableName = await newTable(direct.dynamodb)
  Bucket = await newBucket(direct.s3)
})

beforeEach(async () => {
  proxied = await proxiedClients({ s3Attempts: 1, requestTimeout: 2000 })
  return () => proxied.close()
})

afterAll(() => {
  direct.dynamodb.destroy()
  direct.s3.destroy()
})

const key = (id: string) => ({ pk: { S: id }, sk: { S: 'sk' } })
const putItem = (id: string) => new PutItemCommand({ TableName, Item: key(id) })
const putObject = (Key: string, Body = 'body') => new PutObjectCommand({ Bucket, Key, Body })

const itemIs = async (id: string): Promise<boolean> => {
  const { Item } = await direct.dynamodb.send(
    new GetItemCommand({ TableName, Key: key(id), ConsistentRead: true }),
  )
  return Item !== undefined
}

const objectIs = async (Key: string): Promise<boolean> => {
  const { Contents = [] } = await direct.s3.send(new ListObjectsV2Command({ Bucket, Prefix: Key }))
  return Contents.some((object) => object.Key === Key)
}

const failure = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: Error & { readonly code?: string }) => error.code ?? error.name,
  )

/** What the SDK says of it. */
const dynamodbErrors: Record<FaultKind, string> = {
  error: 'InternalServerError',
  throttle: 'ProvisionedThroughputExceededException',
  conflict: 'TransactionCanceledException',
  timeout: 'ETIMEDOUT',
  reset: 'ECONNRESET',
  lost: 'ECONNRESET',
  cut: 'ECONNRESET',
}

const s3Errors: Record<string, string> = {
  error: 'InternalError',
  throttle: 'SlowDown',
  timeout: 'ETIMEDOUT',
  reset: 'ECONNRESET',
  lost: 'ECONNRESET',
  cut: 'ECONNRESET',
}

describe('the proxy', () => {
  it('names and counts the calls of both services, with the bytes of their bodies', async () => {
    const { dynamodb, s3, calls } = proxied
    await dynamodb.send(putItem('named'))
    await dynamodb.send(new GetItemCommand({ TableName, Key: key('named') }))
    const RequestItems = { [TableName]: { Keys: [key('named')] } }
    await dynamodb.send(new BatchGetItemCommand({ RequestItems }))
    const Put = { TableName, Item: key('other') }
    await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] }))
    await s3.send(putObject('named', 'seven b'))
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'named' }))
    expect(await got.Body?.transformToString()).toBe('seven b')
    await s3.send(new HeadObjectCommand({ Bucket, Key: 'named' }))
    await s3.send(new ListObjectsV2Command({ Bucket }))
    await s3.send(new ListMultipartUploadsCommand({ Bucket }))
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'named' }))
    expect(calls.list.map((call) => call.name)).toEqual([
      'DynamoDB.PutItem',
      'DynamoDB.GetItem',
      'DynamoDB.BatchGetItem',
      'DynamoDB.TransactWriteItems',
      'S3.PutObject',
      'S3.GetObject',
      'S3.HeadObject',
      'S3.ListObjectsV2',
      'S3.ListMultipartUploads',
      'S3.DeleteObject',
    ])
    expect(calls.list[5]).toMatchObject({ received: 7, status: 200 })
    expect(calls.list[4]?.sent).toBeGreaterThanOrEqual(7)
  })

  it('passes a multipart upload whose bytes the service verifies, and names its steps', async () => {
    const { s3, calls } = proxied
    const Key = 'parts'
    const part = randomBytes(5 * 1024 * 1024)
    const ChecksumAlgorithm = 'CRC32'
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm }),
    )
    const upload = { Bucket, Key, UploadId }
    const { ETag, ChecksumCRC32 } = await s3.send(
      new UploadPartCommand({ ...upload, PartNumber: 1, Body: part, ChecksumAlgorithm }),
    )
    await s3.send(new ListPartsCommand(upload))
    const Parts = [{ PartNumber: 1, ETag, ChecksumCRC32 }]
    await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }))
    const other = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }))
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId: other.UploadId }))
    expect(calls.list.map((call) => call.name)).toEqual([
      'S3.CreateMultipartUpload',
      'S3.UploadPart',
      'S3.ListParts',
      'S3.CompleteMultipartUpload',
      'S3.CreateMultipartUpload',
      'S3.AbortMultipartUpload',
    ])
    const got = await direct.s3.send(new GetObjectCommand({ Bucket, Key }))
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(part)).toBe(true)
  })

  it('strikes the n-th call of all, or of a name, and no other', async () => {
    const { dynamodb, s3, calls } = proxied
    calls.inject({ kind: 'error', call: 2 })
    calls.inject({ kind: 'error', name: 'S3.PutObject', call: 2 })
    expect(await failure(dynamodb.send(putItem('n1')))).toBe('none')
    expect(await failure(dynamodb.send(putItem('n2')))).toBe('InternalServerError')
    expect(await failure(s3.send(putObject('n1')))).toBe('none')
    expect(calls.waiting).toBe(1)
    expect(await failure(s3.send(putObject('n2')))).toBe('InternalError')
    expect(calls.waiting).toBe(0)
    expect(await failure(s3.send(putObject('n3')))).toBe('none')
    expect(calls.counts).toEqual({ 'DynamoDB.PutItem': 2, 'S3.PutObject': 3 })
  })

  it('counts no call twice that is sent again because it was struck', async () => {
    const { dynamodb, calls } = proxied
    calls.inject({ kind: 'error', call: 1 })
    calls.inject({ kind: 'throttle', call: 2 })
    const sent = ['first', 'first', 'the second', 'the second', 'third']
    const names: string[] = []
    for (const id of sent) names.push(await failure(dynamodb.send(putItem(id))))
    const [error, throttle] = [dynamodbErrors.error, dynamodbErrors.throttle]
    expect(names).toEqual([error, 'none', throttle, 'none', 'none'])
    expect(calls.list.map((call) => call.repeats)).toEqual([false, true, false, true, false])
  })

  it('strikes one request, its repetitions too, or all of its service until that is healed', async () => {
    const { dynamodb, s3, calls } = proxied
    const outcomes = async (lasts: FaultLife): Promise<string[]> => {
      calls.forget()
      calls.inject({ kind: 'error', call: 1, lasts })
      const names: string[] = []
      for (const id of ['first', 'first', 'another one']) {
        names.push(await failure(dynamodb.send(putItem(id))))
      }
      names.push(await failure(s3.send(putObject(lasts))))
      calls.heal()
      names.push(await failure(dynamodb.send(putItem('first'))))
      return names
    }
    const failed = 'InternalServerError'
    expect(await outcomes('once')).toEqual([failed, 'none', 'none', 'none', 'none'])
    expect(await outcomes('call')).toEqual([failed, failed, 'none', 'none', 'none'])
    expect(await outcomes('service')).toEqual([failed, failed, failed, 'none', 'none'])
    expect(calls.list.map((call) => call.status)).toEqual([500, 500, 500, 200, 200])
  })
})

describe('a fault fails a call, whose work is done only where its answer is what was lost:', () => {
  it.each(FAULT_KINDS)('%s, of DynamoDB', async (kind) => {
    const { dynamodb, calls } = proxied
    calls.inject({ kind, call: 1 })
    const TransactItems = [{ Put: { TableName, Item: key(kind) } }]
    const transaction = new TransactWriteItemsCommand({ TransactItems })
    expect(await failure(dynamodb.send(transaction))).toBe(dynamodbErrors[kind])
    expect(await itemIs(kind)).toBe(kind === 'lost' || kind === 'cut')
    expect(await failure(dynamodb.send(transaction))).toBe('none')
  })

  it.each(
    FAULT_KINDS.filter((kind) => kind !== 'conflict').flatMap((kind) =>
      [7, 3_000_000].map((size) => ({ kind, size })),
    ),
  )('$kind, of S3, with $size bytes', async ({ kind, size }) => {
    const { s3, calls } = proxied
    calls.inject({ kind, call: 1 })
    const Key = `${kind}-${size}`
    const put = putObject(Key, 'a'.repeat(size))
    expect(await failure(s3.send(put))).toBe(s3Errors[kind])
    expect(await objectIs(Key)).toBe(kind === 'lost' || kind === 'cut')
    expect(await failure(s3.send(put))).toBe('none')
    expect(await objectIs(Key)).toBe(true)
  })
})
