import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { requireTools, toolPath } from '../../tools/require-tools.ts'
import { CREDENTIALS, REGION } from './credentials.ts'
import { startEngine, type Engine } from './start-engine.ts'

/**
 * An S3 server that checks signatures and checksums. It is called by another host name than the registry is, as in the
 * cloud: Go's clients forward Authorization to whatever has the registry's name, and S3 then refuses.
 */
export async function startVersitygw(
  options: { readonly port?: number; readonly directory?: string } = {},
): Promise<Engine> {
  await requireTools(['versitygw'])
  return startEngine({
    ...options,
    name: 's3',
    host: 'localhost',
    command: ({ port, directory }) => {
      const objects = join(directory, 'objects')
      mkdirSync(objects, { recursive: true })
      return {
        file: toolPath('versitygw'),
        args: ['--port', `127.0.0.1:${port}`, '--region', REGION, '--keep-alive', 'posix', objects],
        env: {
          ROOT_ACCESS_KEY: CREDENTIALS.accessKeyId,
          ROOT_SECRET_KEY: CREDENTIALS.secretAccessKey,
        },
      }
    },
  })
}
