import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamodbClientSettings } from '@sluice/adapters/aws/dynamodb-client-settings'
import { DynamoDbTable } from '@sluice/adapters/aws/dynamodb-table'
import { StorageError } from '@sluice/core/ports/storage-error'
import { TableLimitError } from '@sluice/core/ports/table-limits'
import type { Key, Table } from '@sluice/core/ports/table'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { partition } from '../../contracts/partition.ts'
import { CREDENTIALS, REGION } from '../engines/credentials.ts'
import { dynamodbClient, engineUrls, newTable } from '../engines/engines.ts'
import { startUnkindDynamoDb, type Refusal, type Treatment } from './unkind-dynamodb.ts'

const at = (endpoint: string) => ({ endpoint, region: REGION, credentials: CREDENTIALS })

/** As doors make theirs. */
const doorClient = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({ ...dynamodbClientSettings(), ...at(endpoint) })

/** Waits for a busy machine. */
const patientClient = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({ maxAttempts: 1, ...at(endpoint) })

const direct = dynamodbClient()
let name: string
beforeAll(async () => {
  name = await newTable(direct)
})
afterAll(() => direct.destroy())

/** `kind` speaks to the engine itself, past the proxy. */
async function openUnkind(open = patientClient) {
  const proxy = await startUnkindDynamoDb(engineUrls().dynamodb)
  const client = open(proxy.url)
  onTestFinished(async () => {
    client.destroy()
    await proxy.close()
  })
  const tokens = () => proxy.calls.map(({ input }) => input['ClientRequestToken'])
  const key = { pk: partition(), sk: 'a' }
  const kind = new DynamoDbTable(direct, name)
  return { proxy, table: new DynamoDbTable(client, name), kind, tokens, key }
}

const refusal = (type: string, status = 400): Refusal => ({ type, status })
const cancelled = (...reasons: readonly string[]): Refusal => ({
  ...refusal('TransactionCanceledException'),
  reasons,
})

const PASSING: readonly Refusal[] = [
  refusal('ProvisionedThroughputExceededException'),
  refusal('ThrottlingException'),
  refusal('RequestLimitExceeded'),
  refusal('InternalServerError', 500),
  refusal('ServiceUnavailable', 503),
  { ...refusal('from a load balancer', 502), body: '<html>Bad Gateway</html>' },
  { ...refusal('half an answer', 200), body: '{"Item": {"a"' },
]

const UNAVAILABLE = { name: 'StorageError', reason: 'unavailable' }

const METHODS = {
  get: async (table: Table, key: Key) => table.get(key),
  getMany: async (table: Table, key: Key) => table.getMany([key]),
  query: async (table: Table, { pk }: Key) => table.query(pk, { limit: 5 }),
  scan: async (table: Table) => table.scan({ limit: 5 }),
  transact: async (table: Table, check: Key) => table.transact([{ check, when: 'present' }]),
}

describe('DynamoDbTable on a bad day', () => {
  it.for(Object.entries(METHODS))('%s is asked again after whatever passes', async ([, method]) => {
    const { proxy, table, kind, key } = await openUnkind()
    await kind.transact([{ put: key, item: { n: 1 } }])
    const treatments: readonly Treatment[] = [...PASSING, 'reset', 'lose']
    for (const treatment of treatments) {
      proxy.treat(treatment)
      expect(await method(table, key)).toStrictEqual(await method(kind, key))
    }
    expect(proxy.calls).toHaveLength(2 * treatments.length)
  })

  it.for([
    cancelled('TransactionConflict'),
    cancelled('ThrottlingError'),
    cancelled('ProvisionedThroughputExceeded'),
    refusal('TransactionInProgressException'),
    refusal('TransactionConflictException'),
  ])('a transaction is asked again after %j, as the same', async (treatment) => {
    const { proxy, table, kind, tokens, key } = await openUnkind()
    proxy.treat(treatment, treatment)
    expect(await table.transact([{ update: key, add: { n: 1 } }])).toStrictEqual({ ok: true })
    expect(tokens()).toStrictEqual([tokens()[0], tokens()[0], tokens()[0]])
    expect(await kind.get(key)).toStrictEqual({ n: 1 })
  })

  it('a transaction whose conflict hid a condition answers all that failed', async () => {
    const { proxy, table } = await openUnkind()
    proxy.treat(cancelled('ConditionalCheckFailed', 'None', 'TransactionConflict'))
    const checks = ['0', '1', '2'].map((sk) => ({ pk: partition(), sk }))
    expect(
      await table.transact([
        { check: checks[0]!, when: 'present' },
        { check: checks[1]!, when: 'absent' },
        { check: checks[2]!, when: 'present' },
      ]),
    ).toStrictEqual({ ok: false, failed: [0, 2] })
    expect(proxy.calls).toHaveLength(2)
  })

  it('a transaction whose answer was lost has happened once, and says so', async () => {
    const { proxy, table, kind, tokens, key } = await openUnkind()
    const put = { put: key, item: { n: 1 }, when: 'absent' } as const
    proxy.treat('lose', 'lose')
    expect(await table.transact([put])).toStrictEqual({ ok: true })
    expect(tokens()).toStrictEqual([tokens()[0], tokens()[0], tokens()[0]])
    // It is the token that made it so: the condition holds no longer.
    expect(await table.transact([put])).toStrictEqual({ ok: false, failed: [0] })
    expect(new Set(tokens()).size).toBe(2)

    proxy.treat('lose')
    await table.transact([{ update: key, add: { n: 1 } }])
    expect(await kind.get(key)).toStrictEqual({ n: 2 })

    proxy.treat('lose')
    expect(await table.transact([{ delete: key, when: { equals: { n: 2 } } }])).toStrictEqual({
      ok: true,
    })
    expect(await kind.get(key)).toBeUndefined()
  })

  it('keys that stayed unprocessed are asked for until each has its answer', async () => {
    const { proxy, table, kind } = await openUnkind()
    const pk = partition()
    const keys = Array.from({ length: 100 }, (_, at) => ({ pk, sk: `${at}` }))
    await kind.transact(keys.slice(0, 90).map((put) => ({ put, item: { name: put.sk } })))
    proxy.treat('halve', 'skip', 'halve', 'halve', 'lose', 'halve')
    const found = await table.getMany(keys)
    expect(found).toStrictEqual(keys.map(({ sk }, at) => (at < 90 ? { name: sk } : undefined)))
    const asked = proxy.calls.map(({ input }) =>
      Object.values(input['RequestItems'] as Record<string, { Keys: unknown[] }>).map(
        ({ Keys }) => Keys.length,
      ),
    )
    expect(asked.flat()).toStrictEqual([100, 50, 50, 25, 12, 12, 6])
  })

  it.for([
    refusal('AccessDeniedException'),
    refusal('ResourceNotFoundException'),
    refusal('UnrecognizedClientException'),
    cancelled('AccessDenied'),
  ])('%j is not asked again', async (treatment) => {
    const { proxy, table, key } = await openUnkind()
    proxy.treat(treatment)
    await expect(table.transact([{ put: key, item: {} }])).rejects.toMatchObject(UNAVAILABLE)
    expect(proxy.calls).toHaveLength(1)
  })

  it.for([cancelled('None', 'ValidationError'), refusal('ValidationException')])(
    '%j is the caller’s mistake',
    async (treatment) => {
      const { proxy, table, key } = await openUnkind()
      proxy.treat(treatment)
      await expect(table.transact([{ put: key, item: {} }])).rejects.toThrow(TableLimitError)
      expect(proxy.calls).toHaveLength(1)
    },
  )
})

/** These wait. */
describe.concurrent('DynamoDbTable, over time', () => {
  it('a write repeated after its answer was lost undoes nobody else’s', async ({ expect }) => {
    const { proxy, table, kind, key } = await openUnkind(doorClient)
    proxy.treat('hang')
    const first = table.transact([{ put: key, item: { by: 'first' } }])
    for (;;) if ((await kind.get(key)) !== undefined) break
    const second = { put: key, item: { by: 'second' }, when: { equals: { by: 'first' } } }
    expect(await kind.transact([second])).toStrictEqual({ ok: true })
    expect(await first).toStrictEqual({ ok: true })
    expect(proxy.calls).toHaveLength(2)
    expect(await kind.get(key)).toStrictEqual({ by: 'second' })
  })

  it('one that hangs is given up after three seconds and asked again', async ({ expect }) => {
    const { proxy, table, key } = await openUnkind(doorClient)
    proxy.treat('hang')
    const before = performance.now()
    expect(await table.get(key)).toBeUndefined()
    expect(performance.now() - before).toBeGreaterThan(2900)
    expect(proxy.calls).toHaveLength(2)
  })

  it('keys that stay unprocessed for ever are a failure, never absent records', async ({
    expect,
  }) => {
    const { proxy, table, key } = await openUnkind()
    proxy.treatAll('skip')
    await expect(table.getMany([key])).rejects.toMatchObject(UNAVAILABLE)
  })

  it('what never passes is given up, after more than a few tries', async ({ expect }) => {
    const { proxy, table, key } = await openUnkind()
    proxy.treatAll(cancelled('TransactionConflict'))
    const before = performance.now()
    const failing = table.transact([{ put: key, item: {} }])
    await expect(failing).rejects.toMatchObject(UNAVAILABLE)
    await expect(failing).rejects.toThrow(StorageError)
    expect(performance.now() - before).toBeLessThan(15_000)
    expect(proxy.calls.length).toBeGreaterThan(8)
    expect(proxy.calls.length).toBeLessThan(80)
  })

  it('a service that is not there is unavailable', async ({ expect }) => {
    const nobody = new DynamoDbTable(doorClient('http://127.0.0.1:1'), 'any')
    await expect(nobody.get({ pk: 'a', sk: 'a' })).rejects.toMatchObject(UNAVAILABLE)
  })
})
