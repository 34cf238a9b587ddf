/** `sluice delete`: objects, by their names or those of a file. */
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { dryRunOption, dryRunQuery, dryRunSuffix, type DryRun } from '../dry-run.ts'
import { listAll } from '../list-pages.ts'
import { objectsInFile } from '../objects-in-file.ts'
import {
  pathOf,
  resourcesAndNames,
  resourceOfKind,
  shownName,
  type NamedResource,
} from '../resource-names.ts'
import { nameOf, type CommonOptions, type Session } from '../session.ts'

interface Options extends CommonOptions {
  readonly filename?: string
  readonly dryRun?: DryRun
  readonly all?: boolean
  readonly selector?: string
  readonly ignoreNotFound?: boolean
}

export function addDelete(program: Command, session: Session): void {
  program
    .command('delete [resource] [names...]')
    .description('Remove objects')
    .option('-f, --filename <file>', 'those that it names')
    .option('--all', 'all of the resource in the project')
    .option('-l, --selector <selector>', 'those with these labels')
    .option('--ignore-not-found', 'what is not there is gone as well')
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
  const project = session.project(options)
  if (options.filename !== undefined) {
    for (const { kind = '', metadata } of objectsInFile(options.filename)) {
      const { name, namespace = project } = metadata
      await removeOne(session, options, resourceOfKind(kind), { name, namespace })
    }
    return
  }
  if (type === undefined)
    throw new CommandError('error: you must provide one or more resources by argument or filename')
  for (const { resource, names } of resourcesAndNames(type, given)) {
    const found = names.length > 0 ? names : await selected(session, options, resource)
    for (const name of found)
      await removeOne(session, options, resource, { name, namespace: project })
  }
}

async function selected(
  session: Session,
  { all, selector, ...options }: Options,
  resource: NamedResource,
): Promise<readonly string[]> {
  if (all !== true && selector === undefined)
    throw new CommandError('error: resource(s) were provided, but no name was specified')
  const query = selector === undefined ? '' : `?labelSelector=${encodeURIComponent(selector)}`
  const list = pathOf(resource, session.project(options)) + query
  const found = (await listAll(session.client(options), list)).map(nameOf)
  if (found.length === 0) session.warn('No resources found')
  return found
}

export async function removeOne(
  session: Session,
  { dryRun, ignoreNotFound, ...options }: Options,
  resource: NamedResource,
  { name, namespace }: { readonly name: string; readonly namespace?: string },
): Promise<void> {
  const client = session.client(options)
  const path = pathOf(resource, namespace, name)
  try {
    // The client's dry run looks whether there is anything, as `oc` does; the administrator's secret alone is never shown.
    if (dryRun !== 'client') await client.object('DELETE', `${path}?${dryRunQuery(dryRun)}`)
    else if (resource.kind !== 'Secret') await client.object('GET', path)
  } catch (error) {
    const isGone = error instanceof CommandError && error.message.includes('(NotFound)')
    if (isGone && ignoreNotFound === true) return
    throw error
  }
  session.say(`${shownName(resource)} "${name}" deleted${dryRunSuffix(dryRun)}`)
}
