/** `sluice create` and `apply`: objects from a file, or one by its name. */
import type { Command } from 'commander'
import type { ApiObject } from '../api-client.ts'
import { CommandError } from '../command-error.ts'
import { dryRunOption, dryRunQuery, dryRunSuffix, type DryRun } from '../dry-run.ts'
import { objectsInFile } from '../objects-in-file.ts'
import { knownOutput, wholeText } from '../print-objects.ts'
import { pathOf, resourceOfKind, shownName } from '../resource-names.ts'
import type { CommonOptions, Session } from '../session.ts'
import { addCreateToken } from './create-token.ts'

interface Options extends CommonOptions {
  readonly filename?: string
  readonly dryRun?: DryRun
  readonly output?: string
}

type How = 'configured' | 'created'

export function addCreate(program: Command, session: Session): void {
  const create = withOptions(program.command('create'))
    .description('Make objects from a file, or one by its name')
    .option('-f, --filename <file>', 'YAML or JSON; - for standard input')
    .action((_: object, command: Command) =>
      fromFile(session, command.optsWithGlobals(), 'created'),
    )
  withOptions(create.command('serviceaccount <name>'))
    .alias('sa')
    .description('Make an account for a program')
    .action((name: string, _: object, command: Command) => {
      const object = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }
      return make(session, command.optsWithGlobals(), object, 'created')
    })
  withOptions(create.command('quota <name>'))
    .description('Limit what a project may come to')
    .requiredOption('--hard <limits>', 'openshift.io/imagestreams=<number>')
    .action((name: string, _: object, command: Command) => {
      const options = command.optsWithGlobals<Options & { readonly hard: string }>()
      const spec = { hard: hardOf(options.hard) }
      const object = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name }, spec }
      return make(session, options, object, 'created')
    })
  addCreateToken(create, session)
  withOptions(program.command('apply'))
    .description('Make objects from a file what it says, whether they exist or not')
    .requiredOption('-f, --filename <file>', 'YAML or JSON; - for standard input')
    .action((_: object, command: Command) =>
      fromFile(session, command.optsWithGlobals(), 'configured'),
    )
}

/** `one=1,other=2`. */
function hardOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(',').map((one) => {
      const [resource = '', most, ...more] = one.split('=')
      if (resource !== '' && most !== undefined && more.length === 0) return [resource, most]
      throw new CommandError(`error: invalid argument ${one}, expected key=value`)
    }),
  )
}

const withOptions = (command: Command): Command =>
  command
    .addOption(dryRunOption())
    .option('-o, --output <format>', 'json, yaml or name: print what was made')

async function fromFile(session: Session, options: Options, how: How): Promise<void> {
  if (options.filename === undefined)
    throw new CommandError('error: must specify -f, or what to create')
  for (const object of objectsInFile(options.filename)) await make(session, options, object, how)
}

async function make(
  session: Session,
  options: Options,
  object: ApiObject,
  how: How,
): Promise<void> {
  const { dryRun, output } = options
  if (output !== undefined) knownOutput(output)
  const resource = resourceOfKind(object.kind ?? '')
  const { done, made } = await sent(session, options, object, how)
  if (output !== undefined) session.write(wholeText(made, output))
  else session.say(`${shownName(resource)}/${made.metadata.name} ${done}${dryRunSuffix(dryRun)}`)
}

async function sent(
  session: Session,
  options: Options,
  object: ApiObject,
  how: How,
): Promise<{ readonly done: How; readonly made: ApiObject }> {
  const resource = resourceOfKind(object.kind ?? '')
  const { name, namespace = session.project(options) } = object.metadata
  const client = session.client(options)
  const list = pathOf(resource, namespace)
  const one = pathOf(resource, namespace, name)
  const query = `?fieldValidation=Strict&${dryRunQuery(options.dryRun)}`
  const exists = how === 'configured' && (await client.ask('GET', one)).status === 200
  const done = exists ? 'configured' : 'created'
  if (options.dryRun === 'client') {
    const metadata = resource.namespaced ? { ...object.metadata, namespace } : object.metadata
    return { done, made: { ...object, metadata } }
  }
  const patch = { 'Content-Type': 'application/merge-patch+json' }
  const made = exists
    ? await client.object('PATCH', one + query, object, patch)
    : await client.object('POST', list + query, object)
  return { done, made }
}
