import { fileURLToPath } from 'node:url'
import { startEngine, type Engine } from './engines/start-engine.ts'

const ENTRY = fileURLToPath(import.meta.resolve('@sluice/server/upload-door'))

/** The upload door as its service runs it, or Lambda as a Web Function; `environment` is that of the stage. */
export function startUploadDoor(
  environment: Readonly<Record<string, string>>,
  isWebFunction = false,
): Promise<Engine> {
  return startEngine({
    name: 'upload-door',
    command: ({ port }) => ({
      file: process.execPath,
      args: [ENTRY],
      env: {
        ...environment,
        ...(isWebFunction
          ? { AWS_LAMBDA_HTTP_ENDPOINT: `127.0.0.1:${port}` }
          : { SLUICE_ADDRESS: '127.0.0.1', SLUICE_PORT: String(port) }),
      },
    }),
  })
}
