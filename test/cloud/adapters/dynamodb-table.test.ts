import { GetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDbTable } from '@sluice/adapters/aws/dynamodb-table'
import { MADE_BY_REMOVAL } from '@sluice/adapters/aws/stored-record'
import { TableLimitError } from '@sluice/core/ports/table-limits'
import type { Item, Write } from '@sluice/core/ports/table'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { partition } from '../../contracts/partition.ts'
import { describeTable } from '../../contracts/table.ts'
import { propertyRuns } from '../../property-runs.ts'
import { dynamodbClient, engineUrls, newTable } from '../engines/engines.ts'
import { startUnkindDynamoDb } from './unkind-dynamodb.ts'

describeTable('DynamoDbTable', async () => {
  const client = dynamodbClient()
  const table = new DynamoDbTable(client, await newTable(client))
  return { table, close: async () => client.destroy() }
})

const key = () => ({ pk: partition(), sk: 'a' })

describe('DynamoDbTable', () => {
  let client: DynamoDBClient
  let name: string
  let table: DynamoDbTable
  beforeAll(async () => {
    client = dynamodbClient()
    name = await newTable(client)
    table = new DynamoDbTable(client, name)
  })
  afterAll(() => client.destroy())

  const expectRefusal = async (write: Write): Promise<void> => {
    await expect(table.transact([write])).rejects.toThrow(TableLimitError)
  }

  it('writes attributes under their own names, of DynamoDB’s own types', async () => {
    const put = key()
    const item = { text: 'a', number: 1.5, expires: 1, bytes: Uint8Array.from([1]), none: null }
    await table.transact([{ put, item }])
    const Key = { pk: { S: put.pk }, sk: { S: put.sk } }
    const { Item } = await client.send(new GetItemCommand({ TableName: name, Key }))
    expect(Item).toStrictEqual({
      ...Key,
      text: { S: 'a' },
      number: { N: '1.5' },
      expires: { N: '1' },
      bytes: { B: Uint8Array.from([1]) },
      none: { NULL: true },
    })
  })

  it('gives every number back exactly that DynamoDB can keep', async () => {
    const put = key()
    const kept = fc
      .double({ noNaN: true, min: -9e125, max: 9e125 })
      .filter((number) => number === 0 || Math.abs(number) >= 1e-130)
    const edges = [0, 1e-130, -1e-130, 9.9e125, Number.MAX_SAFE_INTEGER, 0.1 + 0.2, 1e21, 1e-7]
    await fc.assert(
      fc.asyncProperty(fc.array(kept, { minLength: 50, maxLength: 200 }), async (some) => {
        // JavaScript's -0 is no number of its own to DynamoDB, or to JSON.
        const numbers = [...edges, ...some].map((number) => number + 0)
        await table.transact([{ put, item: { numbers } }])
        expect(await table.get(put)).toStrictEqual({ numbers })
      }),
      propertyRuns(20),
    )
  })

  it.for([1e126, -1e300, 1e-131, 5e-324])('refuses the number %d', async (number) => {
    await expectRefusal({ put: key(), item: { number } })
    await expectRefusal({ put: key(), item: { deep: [{ number }] } })
    await expectRefusal({ update: key(), add: { number } })
    await expectRefusal({ check: key(), when: { equals: { number } } })
  })

  it('refuses what DynamoDB refuses, as a mistake', async () => {
    const put = key()
    await table.transact([{ put, item: { text: 'a' } }])
    await expectRefusal({ update: put, add: { text: 1 } })
    await expectRefusal({ update: put, remove: ['pk'] })
    await expectRefusal({ check: put, when: { equals: { sk: 'a' } } })
    await expectRefusal({ put, item: JSON.parse('{"__proto__": 1}') as Item })
    await expectRefusal({ update: put, set: JSON.parse('{"__proto__": 1}') as Item })
    expect(await table.get(put)).toStrictEqual({ text: 'a' })
  })

  it('keeps names within a map that JavaScript would take for a prototype', async () => {
    const put = key()
    const text = '{"map":{"__proto__":{"a":1},"constructor":"x"},"constructor":[]}'
    await table.transact([{ put, item: JSON.parse(text) as Item }])
    const found = await table.get(put)
    expect(JSON.parse(JSON.stringify(found?.['map']))).toStrictEqual(JSON.parse(text).map)
    expect(Object.keys(found?.['map'] ?? {}).toSorted()).toStrictEqual(['__proto__', 'constructor'])
    expect(found?.['constructor']).toStrictEqual([])
  })

  it('makes a record by an update that only removes, and shows nothing of how', async () => {
    const pk = partition()
    const remove = ['a']
    const whens = [undefined, 'absent'] as const
    for (const [at, when] of whens.entries()) {
      const update = { pk, sk: `${at}` }
      const write = { update, remove, ...(when && { when }) }
      expect(await table.transact([write])).toStrictEqual({ ok: true })
      expect(await table.get(update)).toStrictEqual({})
      expect(await table.getMany([update])).toStrictEqual([{}])
      // DynamoDB Local makes a record in any case; DynamoDB makes one only by setting something.
      const stored = { TableName: name, Key: { pk: { S: pk }, sk: { S: update.sk } } }
      const { Item } = await client.send(new GetItemCommand(stored))
      expect(Item).toHaveProperty(MADE_BY_REMOVAL)
      expect(await table.transact([{ check: update, when: 'present' }])).toStrictEqual({ ok: true })
    }
    const records = whens.map((_, at) => ({ pk, sk: `${at}`, item: {} }))
    expect(await table.query(pk, { limit: 5 })).toStrictEqual({ records })
  })

  it('makes none by an update that only removes and wants one', async () => {
    const update = key()
    for (const when of ['present', { equals: { a: 1 } }] as const) {
      const outcome = await table.transact([{ update, remove: ['a'], when }])
      expect(outcome).toStrictEqual({ ok: false, failed: [0] })
    }
    expect(await table.get(update)).toBeUndefined()
  })

  it('has no next on the last page, where the engine cannot tell', async () => {
    const proxy = await startUnkindDynamoDb(engineUrls().dynamodb)
    onTestFinished(() => proxy.close())
    const counted = new DynamoDbTable(dynamodbClient(proxy.url), await newTable(client))
    const pk = partition()
    await counted.transact(['a', 'b', 'c'].map((sk) => ({ put: { pk, sk }, item: {} })))
    const pages = [
      () => counted.query(pk, { limit: 10 }),
      () => counted.query(pk, { limit: 10, prefix: 'b', reverse: true }),
      () => counted.scan({ limit: 3 }),
    ]
    for (const page of pages) {
      proxy.treat('more')
      const found = await page()
      expect(found.records.map(({ sk }) => sk)).toContain('b')
      expect(found).not.toHaveProperty('next')
    }
    const peeked = ['Query', 'Query', 'Query', 'Query', 'Scan', 'Scan']
    expect(proxy.calls.slice(1).map(({ name }) => name)).toStrictEqual(peeked)
  })

  it('refuses a cursor that is not its own', async () => {
    for (const after of ['', '!', 'WzFd', 'bnVsbA']) {
      await expect(table.scan({ after, limit: 1 })).rejects.toThrow('no cursor')
    }
  })

  it('refuses to go on after what can be no key', async () => {
    const after = 'a'.repeat(1025)
    await expect(table.query('a', { after, limit: 1 })).rejects.toThrow(TableLimitError)
  })

  it('writes what an item was when it was handed over', async () => {
    const put = key()
    const bytes = Uint8Array.from([1])
    const map = { n: 1 }
    const writing = table.transact([{ put, item: { bytes, map } }])
    bytes[0] = 2
    map.n = 2
    await writing
    expect(await table.get(put)).toStrictEqual({ bytes: Uint8Array.from([1]), map: { n: 1 } })
  })

  it('waits out another transaction on the same records', async () => {
    const update = key()
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, at) =>
        table.transact([
          { update, add: { n: 1 } },
          { put: { ...update, sk: `b${at}` }, item: {} },
        ]),
      ),
    )
    expect(outcomes.every(({ ok }) => ok)).toBe(true)
    expect(await table.get(update)).toStrictEqual({ n: 30 })
  })
})
