/** `sluice get`: objects of the admin API. */
import type { Command } from 'commander'
import { printObjects } from '../print-objects.ts'
import { printTables } from '../print-tables.ts'
import { projectAsked } from '../project-asked.ts'
import { pathOf, resourcesAndNames } from '../resource-names.ts'
import type { CommonOptions, Session } from '../session.ts'
import type { Wanted } from '../wanted.ts'

export interface GetOptions extends CommonOptions {
  readonly output?: string
  readonly allNamespaces?: boolean
  readonly selector?: string
}

export function addGet(program: Command, session: Session): void {
  program
    .command('get <resource> [names...]')
    .description('Show objects')
    .option('-o, --output <format>', 'json, yaml, name or wide')
    .option('-A, --all-namespaces', 'of all projects')
    .option('-l, --selector <selector>', 'those with these labels')
    .action((type: string, names: readonly string[], _: object, command: Command) =>
      get(session, command.optsWithGlobals(), type, names),
    )
}

export async function get(
  session: Session,
  { output, allNamespaces, selector, ...options }: GetOptions,
  type: string,
  given: readonly string[],
): Promise<void> {
  const query = selector === undefined ? '' : `?labelSelector=${encodeURIComponent(selector)}`
  const all = resourcesAndNames(type, given)
  const across = allNamespaces === true && all.some(({ resource }) => resource.namespaced)
  const resources = all.map(({ resource }) => resource)
  const project = across ? undefined : projectAsked(session, options, resources)
  const wanted = all.map(({ resource, names }): Wanted =>
    names.length > 0
      ? { resource, each: names.map((name) => pathOf(resource, project, name)) }
      : { resource, list: pathOf(resource, project) + query },
  )
  const client = session.client(options)
  if (output !== undefined && output !== 'wide') {
    session.write(await printObjects(client, wanted, output))
    return
  }
  const text = await printTables(client, wanted, { wide: output === 'wide', across })
  const namespaced = all.every(({ resource }) => resource.namespaced)
  if (text === '') session.warn(nothingFound(namespaced ? project : undefined))
  else session.write(text)
}

export const nothingFound = (namespace: string | undefined): string =>
  `No resources found${namespace === undefined ? '' : ` in ${namespace} namespace.`}`
