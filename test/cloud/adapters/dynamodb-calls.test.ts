/** What each method of the table costs, in calls. */
import { DynamoDbTable } from '@sluice/adapters/aws/dynamodb-table'
import { TableLimitError } from '@sluice/core/ports/table-limits'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { partition } from '../../contracts/partition.ts'
import { dynamodbClient, engineUrls, newTable } from '../engines/engines.ts'
import { startUnkindDynamoDb, type UnkindDynamoDb } from './unkind-dynamodb.ts'

describe('a call of DynamoDbTable in the ordinary case', () => {
  let proxy: UnkindDynamoDb
  let table: DynamoDbTable
  const pk = partition()
  const keys = Array.from({ length: 100 }, (_, at) => ({ pk, sk: `a${at}` }))
  let seen = 0

  beforeAll(async () => {
    proxy = await startUnkindDynamoDb(engineUrls().dynamodb)
    const client = dynamodbClient(proxy.url)
    table = new DynamoDbTable(client, await newTable(client))
    await table.transact(keys.map((put) => ({ put, item: {} })))
  })
  afterAll(() => proxy.close())
  beforeEach(() => {
    seen = proxy.calls.length
  })

  const expectCalls = (...names: readonly string[]): void => {
    const calls = proxy.calls.slice(seen)
    expect(calls.map(({ name }) => name)).toStrictEqual(names)
    for (const { name, input } of calls) {
      if (name === 'TransactWriteItems') continue
      expect(JSON.stringify(input)).toContain('"ConsistentRead":true')
    }
  }

  it('get is one GetItem', async () => {
    expect(await table.get(keys[0]!)).toStrictEqual({})
    expectCalls('GetItem')
  })

  it('getMany of a hundred is one BatchGetItem, of none is nothing', async () => {
    expect(await table.getMany(keys)).toHaveLength(100)
    expectCalls('BatchGetItem')
    await table.getMany([])
    expectCalls('BatchGetItem')
  })

  it.for([
    { limit: 1000 },
    { limit: 100 },
    { limit: 10 },
    { limit: 10, prefix: 'a', after: 'a5', reverse: true },
  ])('a page of a query, %j, is one Query', async (query) => {
    expect((await table.query(pk, query)).records.length).toBeGreaterThan(9)
    expectCalls('Query')
  })

  it.for([
    { prefix: 'a', after: 'b' },
    { prefix: 'a', after: 'Z', reverse: true },
    { after: '', reverse: true },
    { prefix: 'a'.repeat(1025) },
  ])('a query that nothing can satisfy, %j, is nothing', async (query) => {
    expect(await table.query(pk, { ...query, limit: 1 })).toStrictEqual({ records: [] })
    expectCalls()
  })

  it('a page of a scan is one Scan', async () => {
    expect((await table.scan({ limit: 100 })).records).toHaveLength(100)
    expectCalls('Scan')
  })

  it('a transaction of one write or a hundred is one TransactWriteItems', async () => {
    await table.transact([{ check: keys[0]!, when: 'present' }])
    expectCalls('TransactWriteItems')
    seen = proxy.calls.length
    await table.transact(keys.map((update) => ({ update, add: { n: 1 } })))
    expectCalls('TransactWriteItems')
    seen = proxy.calls.length
    await table.transact(keys.map((check) => ({ check, when: 'absent' })))
    expectCalls('TransactWriteItems')
  })

  it('what is beyond the limits is nothing', async () => {
    await expect(table.transact([])).rejects.toThrow(TableLimitError)
    await expect(table.get({ pk, sk: '' })).rejects.toThrow(TableLimitError)
    expectCalls()
  })
})
