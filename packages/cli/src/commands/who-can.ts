/** `sluice policy who-can`: all who may do it. */
import type { Command } from 'commander'
import { resourceAsked } from '../resource-asked.ts'
import type { CommonOptions, Session } from '../session.ts'

interface Options extends CommonOptions {
  readonly allNamespaces?: boolean
  readonly subresource?: string
}

export function addWhoCan(parent: Command, session: Session): void {
  parent
    .command('who-can <verb> <resource> [name]')
    .description('List who may do it')
    .option('-A, --all-namespaces', 'without regard to a project')
    .option('--subresource <name>')
    .action(
      (verb: string, resource: string, name: string | undefined, _: object, command: Command) =>
        whoCan(session, command.optsWithGlobals(), verb, resource, name),
    )
}

async function whoCan(
  session: Session,
  options: Options,
  verb: string,
  asked: string,
  name: string | undefined,
): Promise<void> {
  const { resource, group, subresource } = resourceAsked(asked, options.subresource)
  const namespace = options.allNamespaces ? '' : session.project(options)
  const below = subresource === '' ? '' : `/${subresource}`
  const body = {
    namespace,
    verb,
    resource: resource + below,
    resourceAPIGroup: group,
    resourceName: name ?? '',
  }
  // A project's administrator may ask within it.
  const root = '/apis/authorization.openshift.io/v1'
  const path = options.allNamespaces
    ? `${root}/resourceaccessreviews`
    : `${root}/namespaces/${encodeURIComponent(namespace)}/localresourceaccessreviews`
  const found = await session.client(options).object('POST', path, body)
  session.say(`resourceaccessreviewresponse.authorization.openshift.io/<unknown>\n`)
  session.say(`Namespace: ${namespace === '' ? '<all>' : namespace}`)
  session.say(`Verb:      ${verb}`)
  session.say(`Resource:  ${resource}${group === '' ? '' : `.${group}`}${below}\n`)
  session.say(listed('Users:  ', found['users']))
  session.say(listed('Groups: ', found['groups']))
}

function listed(label: string, value: unknown): string {
  const names = Array.isArray(value) ? value.map(String) : []
  return names.length === 0 ? `${label}none` : label + names.join(`\n${' '.repeat(label.length)}`)
}
