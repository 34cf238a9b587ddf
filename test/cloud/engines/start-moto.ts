import { requireTools, toolPath } from '../../tools/require-tools.ts'
import { startEngine, type Engine } from './start-engine.ts'

/** SQS and the parameter store, in memory. It checks no signatures; S3 and DynamoDB have better stand-ins. */
export async function startMoto(options: { readonly port?: number } = {}): Promise<Engine> {
  await requireTools(['moto'])
  return startEngine({
    ...options,
    name: 'moto',
    command: ({ port }) => ({
      file: toolPath('moto'),
      args: ['-H', '127.0.0.1', '-p', String(port)],
    }),
  })
}
