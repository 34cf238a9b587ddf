import { DynamoDbTable } from '@sluice/adapters/aws/dynamodb-table'
import { describeTable } from '../../contracts/table.ts'
import { dynamodbClient, newTable } from '../engines/engines.ts'

describeTable('DynamoDbTable', async () => {
  const client = dynamodbClient()
  const table = new DynamoDbTable(client, await newTable(client))
  return { table, close: async () => client.destroy() }
})
