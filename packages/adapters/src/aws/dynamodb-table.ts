/** The table in DynamoDB, every read of it strongly consistent, every method one request where nothing is in its way. */
import {
  BatchGetItemCommand,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  type DynamoDBClient,
  type QueryCommandInput,
  type ScanCommandInput,
} from '@aws-sdk/client-dynamodb'
import { checkKey, checkKeys, checkQuery, checkTransaction } from '@sluice/core/ports/table-limits'
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Item, Key, Outcome, Page, Query, Table, Write } from '@sluice/core/ports/table'
import { randomUUID } from 'node:crypto'
import type { Attributes } from './attribute-values.ts'
import { dynamodbFailure, failedConditions, mayPass } from './dynamodb-failure.ts'
import { Patience } from './patience.ts'
import { queryStart } from './query-start.ts'
import { parseScanCursor, scanCursor } from '../shared/scan-cursor.ts'
import { recordOf, storedKey } from './stored-record.ts'
import { writeExpression } from './write-expression.ts'

const OF_PARTITION = 'pk = :pk'
const OF_PREFIX = 'pk = :pk AND begins_with(sk, :prefix)'

/** Any answer to a request for records. */
interface Found {
  readonly Items?: Attributes[]
  readonly Count?: number
  readonly LastEvaluatedKey?: Attributes
}

export class DynamoDbTable implements Table {
  readonly #client: DynamoDBClient
  readonly #name: string

  /** `client` is best made with `dynamodbClientSettings`; this table repeats what fails for a while. */
  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client
    this.#name = tableName
  }

  async get(key: Key): Promise<Item | undefined> {
    checkKey(key)
    const command = new GetItemCommand({
      TableName: this.#name,
      Key: storedKey(key),
      ConsistentRead: true,
    })
    const { Item } = await repeated(() => this.#client.send(command))
    return Item && recordOf(Item).item
  }

  async getMany(keys: readonly Key[]): Promise<readonly (Item | undefined)[]> {
    checkKeys(keys)
    const found = new Map<string, Item>()
    const patience = new Patience()
    let unread = keys.map(storedKey)
    while (unread.length > 0) {
      const command = new BatchGetItemCommand({
        RequestItems: { [this.#name]: { Keys: unread, ConsistentRead: true } },
      })
      const answer = await repeated(() => this.#client.send(command), patience)
      for (const attributes of answer.Responses?.[this.#name] ?? []) {
        const record = recordOf(attributes)
        found.set(nameOf(record), record.item)
      }
      // Beyond 16 MB, or throttled: those keys were not read, and that says nothing of their records.
      unread = answer.UnprocessedKeys?.[this.#name]?.Keys ?? []
      if (unread.length > 0 && !(await patience.pause())) {
        throw new StorageError('unavailable', `${unread.length} keys stayed unread`, undefined)
      }
    }
    return keys.map((key) => found.get(nameOf(key)))
  }

  async query(pk: string, query: Query): Promise<Page> {
    checkQuery(query)
    checkKey({ pk, sk: 'any' })
    const start = queryStart(query)
    if (start === undefined) return { records: [] }
    const { prefix = '', limit, reverse = false } = query
    const asked = {
      TableName: this.#name,
      ConsistentRead: true,
      KeyConditionExpression: prefix === '' ? OF_PARTITION : OF_PREFIX,
      ExpressionAttributeValues: {
        ':pk': { S: pk },
        ...(prefix !== '' && { ':prefix': { S: prefix } }),
      },
      ScanIndexForward: !reverse,
    }
    const ask = (more: Partial<QueryCommandInput>) =>
      this.#client.send(new QueryCommand({ ...asked, ...more }))
    return page(ask, limit, start.after === undefined ? undefined : { pk, sk: start.after }, skOf)
  }

  async scan({ after, limit }: { readonly after?: string; readonly limit: number }): Promise<Page> {
    checkQuery({ limit })
    const start = after === undefined ? undefined : parseScanCursor(after)
    const asked = { TableName: this.#name, ConsistentRead: true }
    const ask = (more: Partial<ScanCommandInput>) =>
      this.#client.send(new ScanCommand({ ...asked, ...more }))
    return page(ask, limit, start, scanCursor)
  }

  /**
   * Always TransactWriteItems, even for a single write, which PutItem would do for half the price: its token makes a
   * repetition harmless. PutItem has none. Repeated after an answer was lost, a conditional put reports the race lost to
   * itself, an `add` counts twice, and even an unconditional put or delete undoes what another writer, who had read the
   * first one, has written since.
   */
  async transact(writes: readonly Write[]): Promise<Outcome> {
    checkTransaction(writes)
    const command = new TransactWriteItemsCommand({
      // The same one in every try: DynamoDB answers those after the first success with a success, for ten minutes.
      ClientRequestToken: randomUUID(),
      TransactItems: writes.map((write) => writeExpression(this.#name, write)),
    })
    return repeated(async () => {
      try {
        await this.#client.send(command)
        return { ok: true }
      } catch (error) {
        const failed = failedConditions(error)
        if (failed === undefined) throw error
        return { ok: false, failed }
      }
    })
  }
}

async function repeated<T>(attempt: () => Promise<T>, patience = new Patience()): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!mayPass(error) || !(await patience.pause())) throw dynamodbFailure(error)
    }
  }
}

/** Asks for one record more than the page takes, to know whether another page follows. */
async function page(
  ask: (more: PageRequest) => Promise<Found>,
  limit: number,
  after: Key | undefined,
  cursor: (last: Key) => string,
): Promise<Page> {
  if (after !== undefined) checkKey(after)
  const found = await repeated(() => ask({ ...startingAfter(after), Limit: limit + 1 }))
  const records = (found.Items ?? []).map(recordOf)
  const kept = records.slice(0, limit)
  const last = kept.at(-1)
  if (last === undefined) return { records: kept }
  let isLastPage = records.length <= limit
  if (isLastPage && found.LastEvaluatedKey !== undefined) {
    // The page ended at 1 MB, perhaps with the last record of all.
    const peek = await repeated(() => ask({ ...startingAfter(last), Limit: 1, Select: 'COUNT' }))
    isLastPage = peek.Count === 0
  }
  return { records: kept, ...(!isLastPage && { next: cursor(last) }) }
}

interface PageRequest {
  readonly ExclusiveStartKey?: Attributes
  readonly Limit: number
  readonly Select?: 'COUNT'
}

const startingAfter = (key: Key | undefined) => key && { ExclusiveStartKey: storedKey(key) }

const skOf = ({ sk }: Key): string => sk

const nameOf = ({ pk, sk }: Key): string => JSON.stringify([pk, sk])
