/** `remove-user` and `remove-group`: all roles in the project go. */
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { dryRunOption, dryRunSuffix, type DryRun } from '../dry-run.ts'
import { RoleBindings, subjectsNamed, type Target } from '../role-bindings.ts'
import type { CommonOptions, Session } from '../session.ts'

interface Options extends CommonOptions {
  readonly dryRun?: DryRun
}

export function addRemoveSubject(parent: Command, session: Session, target: Target): void {
  parent
    .command(`remove-${target} [names...]`)
    .description(`Take all roles in the project from a ${target} or several`)
    .addOption(dryRunOption())
    .action(async (names: readonly string[], _: object, self: Command) => {
      const options: Options = self.optsWithGlobals()
      if (names.length === 0)
        throw new CommandError(
          `error: you must specify at least one argument: <${target}> [${target}]...`,
        )
      const project = session.project(options)
      const bindings = new RoleBindings(session.client(options), project, options.dryRun)
      const subjects = subjectsNamed(target, names)
      const changed = await bindings.remove(undefined, subjects)
      const suffix = dryRunSuffix(options.dryRun)
      const found = new Set<string>()
      for (const { roleRef, subjects: had = [] } of changed) {
        const gone = subjects.filter((one) =>
          had.some(({ kind, name }) => kind === one.kind && name === one.name),
        )
        for (const { name } of gone) found.add(name)
        const shown = gone.map(({ name }) => name).join(' ')
        session.say(
          `Removing ${roleRef.name} from ${target}s [${shown}] in project ${project}.${suffix}`,
        )
      }
      const unbound = names.filter((name) => !found.has(name))
      if (unbound.length > 0) {
        const whose = target === 'user' ? 'Users' : 'Groups'
        session.say(
          `${whose} [${unbound.join(' ')}] were not bound to roles in project ${project}.`,
        )
      }
    })
}
