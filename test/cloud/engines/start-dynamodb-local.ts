import { dirname, join } from 'node:path'
import { requireTools, toolPath } from '../../tools/require-tools.ts'
import { startEngine, type Engine } from './start-engine.ts'

/** DynamoDB Local; in memory, unless a directory is given. It takes any credentials, and keeps one set of tables for all. */
export async function startDynamoDbLocal(
  options: { readonly port?: number; readonly directory?: string } = {},
): Promise<Engine> {
  await requireTools(['dynamodb-local'])
  const jars = dirname(toolPath('dynamodb-local'))
  const { directory } = options
  return startEngine({
    ...options,
    name: 'dynamodb',
    command: ({ port }) => ({
      file: 'java',
      args: [
        '-Xmx512m',
        `-Djava.library.path=${jars}`,
        '-cp',
        join(jars, '*'),
        'software.amazon.dynamodb.services.local.main.ServerRunner',
        ...(directory === undefined ? ['-inMemory'] : ['-dbPath', directory]),
        '-sharedDb',
        '-disableTelemetry',
        '-port',
        String(port),
      ],
    }),
  })
}
