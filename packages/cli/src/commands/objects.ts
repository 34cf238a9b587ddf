/** `sluice get`, `create`, `apply`, `delete`: objects of the admin API. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { parseAllDocuments } from 'yaml'
import type { ApiObject } from '../api-client.ts'
import { CommandError } from '../command-error.ts'
import { printObjects } from '../print-objects.ts'
import {
  pathOf,
  resourceNamed,
  resourceOfKind,
  shownName,
  type NamedResource,
} from '../resource-names.ts'
import type { CommonOptions, Session } from '../session.ts'

interface Options extends CommonOptions {
  readonly filename?: string
  readonly output?: string
  readonly allNamespaces?: boolean
  readonly selector?: string
  readonly dryRun?: string
  readonly duration?: string
  readonly audience?: readonly string[]
}

export function addObjects(program: Command, session: Session): void {
  program
    .command('get <resource> [names...]')
    .description('Show objects')
    .option('-o, --output <format>', 'json, yaml, name or wide')
    .option('-A, --all-namespaces', 'of all projects')
    .option('-l, --selector <selector>', 'those with these labels')
    .action((type: string, names: readonly string[], _: object, command: Command) =>
      get(session, command.optsWithGlobals(), type, names),
    )
  program
    .command('images')
    .description('Show the repositories of the project')
    .option('-o, --output <format>', 'json, yaml, name or wide')
    .action((_: object, command: Command) => get(session, command.optsWithGlobals(), 'is', []))
  program
    .command('tags [repositories...]')
    .description('Show the tags of the project, or of some of its repositories')
    .action((repositories: readonly string[], _: object, command: Command) =>
      tags(session, command.optsWithGlobals(), repositories),
    )
  const create = program
    .command('create')
    .description('Make objects from a file, or one by its name')
    .option('-f, --filename <file>', 'YAML or JSON; - for standard input')
    .option('--dry-run <how>', 'client or server: make nothing')
    .action((_: object, command: Command) =>
      fromFile(session, command.optsWithGlobals(), 'created'),
    )
  create
    .command('serviceaccount <name>')
    .alias('sa')
    .action((name: string, _: object, command: Command) =>
      make(
        session,
        command.optsWithGlobals(),
        { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } },
        'created',
      ),
    )
  create
    .command('token <serviceaccount>')
    .description('A token of a service account, for a password')
    .option('--duration <time>', 'how long it is good: 30m, 24h', '1h')
    .option('--audience <names...>', 'whom it is for, if not the registry')
    .action((name: string, _: object, command: Command) =>
      createToken(session, command.optsWithGlobals(), name),
    )
  program
    .command('apply')
    .description('Make objects from a file what it says, whether they exist or not')
    .requiredOption('-f, --filename <file>', 'YAML or JSON; - for standard input')
    .option('--dry-run <how>', 'client or server: change nothing')
    .action((_: object, command: Command) =>
      fromFile(session, command.optsWithGlobals(), 'configured'),
    )
  program
    .command('delete [resource] [names...]')
    .description('Remove objects')
    .option('-f, --filename <file>', 'those that it names')
    .action((type: string | undefined, names: readonly string[], _: object, command: Command) =>
      remove(session, command.optsWithGlobals(), type, names),
    )
}

/** `rolebinding/name` says both at once. */
function named(
  type: string,
  names: readonly string[],
): { readonly resource: NamedResource; readonly names: readonly string[] } {
  const [plain = '', name] = type.split('/')
  return { resource: resourceNamed(plain), names: name === undefined ? names : [name, ...names] }
}

async function get(
  session: Session,
  options: Options,
  type: string,
  given: readonly string[],
): Promise<void> {
  const { resource, names } = named(type, given)
  const across = options.allNamespaces === true && resource.namespaced
  const namespace = across || !resource.namespaced ? undefined : session.project(options)
  const client = session.client(options)
  const where = namespace === undefined ? '' : ` in ${namespace} namespace`
  const print = async (path: string) =>
    session.write(
      await printObjects(client, path, resource, {
        across,
        empty: `No resources found${where}${where === '' ? '' : '.'}`,
        ...(options.output === undefined ? {} : { output: options.output }),
      }),
    )
  for (const name of names) await print(pathOf(resource, namespace, name))
  if (names.length > 0) return
  const query =
    options.selector === undefined ? '' : `?labelSelector=${encodeURIComponent(options.selector)}`
  await print(pathOf(resource, namespace) + query)
}

async function tags(
  session: Session,
  options: Options,
  repositories: readonly string[],
): Promise<void> {
  const path = pathOf(resourceNamed('istag'), session.project(options))
  const { items = [] } = await session.client(options).object('GET', path)
  for (const { metadata } of items) {
    const repository = metadata.name.slice(0, metadata.name.lastIndexOf(':'))
    if (repositories.length === 0 || repositories.includes(repository)) session.say(metadata.name)
  }
}

function objectsIn(file: string): readonly ApiObject[] {
  const text = file === '-' ? readFileSync(0, 'utf8') : readFile(file)
  const documents = parseAllDocuments(text)
  const objects = documents.flatMap((document) => {
    const [error] = document.errors
    if (error)
      throw new CommandError(`error: error parsing ${file}: ${error.message.split('\n')[0]}`)
    const object = document.toJS() as ApiObject | null
    if (object === null) return []
    return object.kind === 'List' ? [...(object.items ?? [])] : [object]
  })
  if (objects.length === 0) throw new CommandError('error: no objects passed to create')
  return objects
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new CommandError(`error: the path "${file}" does not exist`)
  }
}

async function fromFile(
  session: Session,
  options: Options,
  how: 'configured' | 'created',
): Promise<void> {
  if (options.filename === undefined)
    throw new CommandError('error: must specify -f, or what to create')
  for (const object of objectsIn(options.filename)) await make(session, options, object, how)
}

async function make(
  session: Session,
  options: Options,
  object: ApiObject,
  how: 'configured' | 'created',
): Promise<void> {
  const resource = resourceOfKind(object.kind ?? '')
  const client = session.client(options)
  const { name, namespace = session.project(options) } = object.metadata
  const list = pathOf(resource, namespace)
  const query = `?fieldValidation=Strict${options.dryRun === undefined ? '' : '&dryRun=All'}`
  const end =
    options.dryRun === undefined
      ? ''
      : options.dryRun === 'server'
        ? ' (server dry run)'
        : ' (dry run)'
  let done: string = how
  if (
    how === 'configured' &&
    (await client.ask('GET', `${list}/${encodeURIComponent(name)}`)).status === 200
  ) {
    const type = { 'Content-Type': 'application/merge-patch+json' }
    await client.object('PATCH', `${list}/${encodeURIComponent(name)}${query}`, object, type)
  } else {
    await client.object('POST', list + query, object)
    done = 'created'
  }
  session.say(`${shownName(resource)}/${name} ${done}${end}`)
}

async function remove(
  session: Session,
  options: Options,
  type: string | undefined,
  given: readonly string[],
): Promise<void> {
  const client = session.client(options)
  const one = async (resource: NamedResource, name: string, namespace: string) => {
    await client.object('DELETE', pathOf(resource, namespace, name))
    session.say(`${shownName(resource)} "${name}" deleted`)
  }
  if (options.filename !== undefined) {
    for (const { kind = '', metadata } of objectsIn(options.filename)) {
      await one(resourceOfKind(kind), metadata.name, metadata.namespace ?? session.project(options))
    }
    return
  }
  if (type === undefined)
    throw new CommandError('error: you must provide one or more resources by argument or filename')
  const { resource, names } = named(type, given)
  if (names.length === 0)
    throw new CommandError('error: resource(s) were provided, but no name was specified')
  for (const name of names) await one(resource, name, session.project(options))
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

async function createToken(session: Session, options: Options, name: string): Promise<void> {
  const parts = [...(options.duration ?? '1h').matchAll(/(\d+)([smhd])/g)]
  if (parts.map(([part]) => part).join('') !== options.duration) {
    throw new CommandError(`error: invalid duration "${options.duration}": say 30m or 24h`)
  }
  const expirationSeconds = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? 's'] ?? 1),
    0,
  )
  const path = `${pathOf(resourceNamed('sa'), session.project(options), name)}/token`
  const spec = { expirationSeconds, ...(options.audience ? { audiences: options.audience } : {}) }
  const made = await session.client(options).object('POST', path, { spec })
  session.say((made['status'] as { readonly token: string }).token)
}
