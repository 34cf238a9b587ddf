/** Another process on the same table: adds 1 to a counter again and again, and tells each count once acknowledged. */
import { SqliteTable } from '@sluice/adapters/local/sqlite-table'

const [file = '', pk = '', times = ''] = process.argv.slice(2)
const table = await SqliteTable.open(file)
for (let count = 1; count <= Number(times); count++) {
  await table.transact([{ update: { pk, sk: 'counter' }, add: { n: 1 } }])
  process.stdout.write(`${count}\n`)
}
await table.close()
