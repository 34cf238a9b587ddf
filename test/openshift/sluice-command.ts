import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from '../clients/run-command.ts'

export const SLUICE = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))
const HELPER = fileURLToPath(
  new URL('../../packages/cli/src/docker-credential-sluice.ts', import.meta.url),
)

export type Sluice = (args: readonly string[], input?: string) => Promise<string>

export const sluiceEnvironment = (dir: string, user: string) => ({
  HOME: dir,
  XDG_CONFIG_HOME: join(dir, `config-of-${user}`),
})

const program =
  (file: string) =>
  (dir: string, user: string): Sluice =>
  (args, input) =>
    runCommand(process.execPath, [file, ...args], {
      env: sluiceEnvironment(dir, user),
      ...(input !== undefined && { input }),
    })

/** The command line as one user has it; `dir` holds all that it writes. */
export const sluiceCommand = program(SLUICE)
export const credentialHelper = program(HELPER)
