/** The yardstick of all that reads: a function that asks DynamoDB for one record, by the SDK as it comes, and does no more. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'

/** The environment that it needs: the table's name, and the record's two keys. */
export const ONE_READ = { table: 'SLUICE_TABLE', pk: 'BENCH_PK', sk: 'BENCH_SK' } as const

const client = new DynamoDBClient()
const of = (variable: string): string => process.env[variable] ?? ''

export async function handler() {
  const { Item } = await client.send(
    new GetItemCommand({
      TableName: of(ONE_READ.table),
      Key: { pk: { S: of(ONE_READ.pk) }, sk: { S: of(ONE_READ.sk) } },
      ConsistentRead: true,
    }),
  )
  return { statusCode: Item ? 200 : 404 }
}
