/** What the commands share that work on the server's data directory, whether it runs or not. */
import type { Registry } from '@sluice/core/registry'
import { StorageError } from '@sluice/core/ports/storage-error'
import { readCommandLine, type Command } from './config.ts'
import { openRegistryBesideServer } from './local-registry.ts'
import { failStart, StartFailure } from './start-failure.ts'

/** `run` answers whether all is well: the exit code says the same. */
export async function runBesideServer(
  command: Command,
  run: (
    registry: Registry,
    switches: ReadonlySet<string>,
    operands: readonly string[],
  ) => Promise<boolean>,
): Promise<void> {
  try {
    const line = readCommandLine(command, process.argv.slice(2), process.env)
    if (line.help !== undefined) {
      process.stdout.write(line.help)
      return
    }
    const local = await openRegistryBesideServer(line.config, { now: () => Date.now() })
    try {
      if (!(await run(local.registry, line.switches, line.operands))) process.exitCode = 1
    } finally {
      await local.close()
    }
  } catch (error) {
    if (!(error instanceof StorageError)) failStart(error)
    failStart(new StartFailure(`the storage failed: ${error.message}`, { cause: error }))
  }
}
