/** `sluice get`: objects of the admin API. */
import type { Command } from 'commander'
import { printObjects } from '../print-objects.ts'
import { pathOf, resourceAndNames } from '../resource-names.ts'
import type { CommonOptions, Session } from '../session.ts'

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
  const { resource, names } = resourceAndNames(type, given)
  const across = allNamespaces === true && resource.namespaced
  const namespace = across || !resource.namespaced ? undefined : session.project(options)
  const query = selector === undefined ? '' : `?labelSelector=${encodeURIComponent(selector)}`
  const wanted =
    names.length > 0
      ? { each: names.map((name) => pathOf(resource, namespace, name)) }
      : { list: pathOf(resource, namespace) + query }
  const shown = { across, ...(output === undefined ? {} : { output }) }
  const text = await printObjects(session.client(options), wanted, resource, shown)
  if (text === '') session.warn(nothingFound(namespace))
  else session.write(text)
}

export const nothingFound = (namespace: string | undefined): string =>
  `No resources found${namespace === undefined ? '' : ` in ${namespace} namespace.`}`
