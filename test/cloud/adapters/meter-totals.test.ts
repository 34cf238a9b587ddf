import { DynamoDbTable } from '@sluice/adapters/aws/dynamodb-table'
import { describeMeterTotals } from '../../contracts/meter-totals.ts'
import { dynamodbClient, newTable } from '../engines/engines.ts'

describeMeterTotals('DynamoDbTable', async () => {
  const client = dynamodbClient()
  const table = new DynamoDbTable(client, await newTable(client))
  return { table, close: async () => client.destroy() }
})
