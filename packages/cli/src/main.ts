#!/usr/bin/env node
/** `sluice`: what an owner and a user of a registry do beside pushing and pulling, in the words of `oc`. Wiring only. */
import { Command, CommanderError } from 'commander'
import { CommandError } from './command-error.ts'
import { addAuth } from './commands/auth.ts'
import { addLogin } from './commands/login.ts'
import { addLogout } from './commands/logout.ts'
import { addCaches } from './commands/caches.ts'
import { addCompletion } from './commands/completion.ts'
import { addCreate } from './commands/create.ts'
import { addDelete } from './commands/delete.ts'
import { addDescribe } from './commands/describe.ts'
import { addDoctor } from './commands/doctor.ts'
import { addGet } from './commands/get.ts'
import { addImages } from './commands/images.ts'
import { addImportImage } from './commands/import-image.ts'
import { addLogs } from './commands/logs.ts'
import { addPolicy } from './commands/policy.ts'
import { addProjects } from './commands/projects.ts'
import { addRegistry } from './commands/registry.ts'
import { addStatus } from './commands/status.ts'
import { addUpstreams } from './commands/upstreams.ts'
import { addWebhooks } from './commands/webhooks.ts'
import { addWhoami } from './commands/whoami.ts'
import { ConfigFile, configPath } from './config-file.ts'
import { withWholeDryRun } from './dry-run.ts'
import { plainText } from './plain-text.ts'
import { Session } from './session.ts'

const warn = (text: string): void => void process.stderr.write(`${plainText(text)}\n`)
const session = new Session(new ConfigFile(configPath(process.env), warn), {
  env: process.env,
  isTerminal: process.stdin.isTTY && process.stdout.isTTY,
  write: (text) => void process.stdout.write(plainText(text)),
  warn,
})

const program = new Command('sluice')
  .description('Manages a Sluice registry')
  .option('-n, --namespace <project>', 'the project, if not the one you work in')
  .option('--as <user>', 'act for somebody else')
  .option('--as-group <group>', 'and as a member of this group; may be repeated', collected)
  .showSuggestionAfterError()
  .configureOutput({ outputError: (text, write) => write(text) })
  .exitOverride()

for (const add of [
  addLogin,
  addLogout,
  addWhoami,
  addStatus,
  addDoctor,
  addProjects,
  addPolicy,
  addAuth,
  addGet,
  addDescribe,
  addCreate,
  addDelete,
  addImages,
  addImportImage,
  addLogs,
  addRegistry,
  addUpstreams,
  addWebhooks,
  addCaches,
]) {
  add(program, session)
}
inherit(program)
await addCompletion(program, session)

function collected(group: string, before: readonly string[] = []): readonly string[] {
  return [...before, group]
}

/** Global options may stand behind any command, as users of `oc` have them. */
function inherit(parent: Command): void {
  for (const command of parent.commands) {
    command.exitOverride().showSuggestionAfterError()
    command
      .option('-n, --namespace <project>', 'the project')
      .option('--as <user>', 'act for somebody else')
      .option('--as-group <group>', 'and as a member of this group', collected)
    inherit(command)
  }
}

// Whoever reads may stop before all is said.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

const said = process.argv.slice(2)
const args = said[0] === 'complete' ? said : withWholeDryRun(said)
try {
  if (args.length === 0) program.outputHelp()
  else await program.parseAsync(args, { from: 'user' })
} catch (error) {
  if (error instanceof CommandError) {
    if (error.message !== '') warn(error.message)
    process.exitCode = error.exitCode
  } else if (error instanceof CommanderError) {
    process.exitCode = error.exitCode
  } else if (error instanceof Error && 'syscall' in error) {
    // Of the machine: a file that cannot be written, and the like.
    warn(`error: ${error.message}`)
    process.exitCode = 1
  } else throw error
}
