/** `sluice delete`: objects, by their names or those of a file. */
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { dryRunOption, dryRunQuery, dryRunSuffix, type DryRun } from '../dry-run.ts'
import { objectsInFile } from '../objects-in-file.ts'
import {
  pathOf,
  resourceAndNames,
  resourceOfKind,
  shownName,
  type NamedResource,
} from '../resource-names.ts'
import type { CommonOptions, Session } from '../session.ts'

interface Options extends CommonOptions {
  readonly filename?: string
  readonly dryRun?: DryRun
}

export function addDelete(program: Command, session: Session): void {
  program
    .command('delete [resource] [names...]')
    .description('Remove objects')
    .option('-f, --filename <file>', 'those that it names')
    .addOption(dryRunOption())
    .action((type: string | undefined, names: readonly string[], _: object, command: Command) =>
      remove(session, command.optsWithGlobals(), type, names),
    )
}

async function remove(
  session: Session,
  options: Options,
  type: string | undefined,
  given: readonly string[],
): Promise<void> {
  const { dryRun, filename } = options
  const client = session.client(options)
  const one = async (resource: NamedResource, name: string, namespace: string): Promise<void> => {
    const path = pathOf(resource, namespace, name)
    // The client's dry run looks whether there is anything, as `oc` does.
    if (dryRun === 'client' && resource.kind !== 'Secret') await client.object('GET', path)
    else if (dryRun !== 'client') await client.object('DELETE', `${path}?${dryRunQuery(dryRun)}`)
    session.say(`${shownName(resource)} "${name}" deleted${dryRunSuffix(dryRun)}`)
  }
  if (filename !== undefined) {
    for (const { kind = '', metadata } of objectsInFile(filename)) {
      await one(resourceOfKind(kind), metadata.name, metadata.namespace ?? session.project(options))
    }
    return
  }
  if (type === undefined)
    throw new CommandError('error: you must provide one or more resources by argument or filename')
  const { resource, names } = resourceAndNames(type, given)
  if (names.length === 0)
    throw new CommandError('error: resource(s) were provided, but no name was specified')
  for (const name of names) await one(resource, name, session.project(options))
}
