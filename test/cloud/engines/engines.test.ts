import { DescribeTableCommand } from '@aws-sdk/client-dynamodb'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it } from 'vitest'
import { CREDENTIALS } from './credentials.ts'
import { dynamodbClient, engineUrls, newBucket, newTable, s3Client } from './engines.ts'

describe('the engines', () => {
  it('give a table', async () => {
    const client = dynamodbClient()
    const TableName = await newTable(client)
    const { Table } = await client.send(new DescribeTableCommand({ TableName }))
    expect(Table?.TableStatus).toBe('ACTIVE')
  })

  it('give a bucket, to whoever signs with the right secret alone', async () => {
    const client = s3Client()
    const Bucket = await newBucket(client)
    await client.send(new PutObjectCommand({ Bucket, Key: 'key', Body: 'bytes' }))
    const found = await client.send(new GetObjectCommand({ Bucket, Key: 'key' }))
    expect(await found.Body?.transformToString()).toBe('bytes')
    const stranger = s3Client()
    stranger.config.credentials = async () => ({ ...CREDENTIALS, secretAccessKey: 'wrong' })
    await expect(stranger.send(new GetObjectCommand({ Bucket, Key: 'key' }))).rejects.toMatchObject(
      { $metadata: { httpStatusCode: 403 } },
    )
    expect((await fetch(`${engineUrls().s3}/${Bucket}/key`)).status).toBe(403)
  })
})
