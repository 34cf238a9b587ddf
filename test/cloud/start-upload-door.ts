import { fileURLToPath } from 'node:url'
import { startEngine, type Engine } from './engines/start-engine.ts'

const ENTRY = fileURLToPath(import.meta.resolve('@sluice/server/upload-door'))

/** The upload door as its service runs it; `environment` is that of the stage. */
export function startUploadDoor(environment: Readonly<Record<string, string>>): Promise<Engine> {
  return startEngine({
    name: 'upload-door',
    command: ({ port }) => ({
      file: process.execPath,
      args: [ENTRY],
      env: { ...environment, SLUICE_ADDRESS: '127.0.0.1', SLUICE_PORT: String(port) },
    }),
  })
}
