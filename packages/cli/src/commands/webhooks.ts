/** `sluice webhook`: who is told of what is done, and what could not be told. */
import { InvalidArgumentError, type Command } from 'commander'
import type { ApiObject } from '../api-client.ts'
import { CommandError } from '../command-error.ts'
import { dryRunOption, dryRunQuery, dryRunSuffix, type DryRun } from '../dry-run.ts'
import { listAll } from '../list-pages.ts'
import { pathOf, resourceNamed, shownName } from '../resource-names.ts'
import { nameOf, type CommonOptions, type Session } from '../session.ts'
import { removeOne } from './delete.ts'
import { get, type GetOptions } from './get.ts'

interface Options extends CommonOptions {
  readonly url?: string
  readonly secret?: string
  readonly action?: readonly string[]
  readonly mediaType?: readonly string[]
  readonly project?: readonly string[]
  readonly attempts?: number
  readonly insecure?: boolean
  readonly privateAddresses?: boolean
  readonly dryRun?: DryRun
}

interface LetterOptions extends CommonOptions {
  readonly all?: boolean
}

const WEBHOOK = resourceNamed('webhook')
const LETTER = resourceNamed('deadletter')
const RETRIES = '/apis/sluice.dev/v1/deadletterretries'
const MERGE = { 'Content-Type': 'application/merge-patch+json' }

export function addWebhooks(program: Command, session: Session): void {
  const webhook = program
    .command('webhook')
    .description('Manage who is told of pushes, pulls, mounts and deletions')
  withOptions(webhook.command('add <name>'))
    .description('Have a server told of them')
    .action((name: string, _: object, command: Command) =>
      add(session, command.optsWithGlobals(), name),
    )
  withOptions(webhook.command('set <name>'))
    .description('Change what is said, and nothing else')
    .action((name: string, _: object, command: Command) =>
      set(session, command.optsWithGlobals(), name),
    )
  webhook
    .command('remove <name>')
    .description('Tell it no more')
    .addOption(dryRunOption())
    .action((name: string, _: object, command: Command) =>
      removeOne(session, command.optsWithGlobals(), WEBHOOK, { name }),
    )
  for (const [name, what, resource] of [
    ['list', 'Show them', WEBHOOK],
    ['dead-letters', 'Show what they did not take, and why', LETTER],
  ] as const) {
    webhook
      .command(name)
      .description(what)
      .option('-o, --output <format>', 'json, yaml, name or wide')
      .action((_: object, command: Command) =>
        get(session, command.optsWithGlobals<GetOptions>(), resource.plural, []),
      )
  }
  webhook
    .command('retry [dead-letters...]')
    .description('Send dead letters anew')
    .option('--all', 'all of them')
    .action((names: readonly string[], _: object, command: Command) =>
      retry(session, command.optsWithGlobals(), names),
    )
  webhook
    .command('drop [dead-letters...]')
    .description('Forget dead letters')
    .option('--all', 'all of them')
    .action((names: readonly string[], _: object, command: Command) =>
      drop(session, command.optsWithGlobals(), names),
    )
}

const withOptions = (command: Command): Command =>
  command
    .option('--url <url>', 'where events are posted to')
    .option('--secret <name>', "of the secret that signs them: whsec_ and base64; '' for none")
    .option(
      '--action <action>',
      "push, pull, mount or delete; may be repeated; '' for all",
      collected,
    )
    .option('--media-type <type>', "only of these manifests and blobs; '' for all", collected)
    .option('--project <pattern>', "only of these projects; '' for all", collected)
    .option('--attempts <number>', 'tries before an event is a dead letter', numberOf)
    .option('--insecure', 'http, or certificates of anybody')
    .option('--no-insecure', 'neither')
    .option('--private-addresses', 'it may be at a private, loopback or link-local address')
    .option('--no-private-addresses', 'it may not')
    .addOption(dryRunOption())

const specOf = (options: Options): Readonly<Record<string, unknown>> => {
  const said = {
    url: options.url,
    secretName: options.secret,
    actions: options.action,
    mediaTypes: options.mediaType,
    projects: options.project,
    attempts: options.attempts,
    insecure: options.insecure,
    privateAddresses: options.privateAddresses,
  }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
}

async function add(session: Session, options: Options, name: string): Promise<void> {
  const spec = specOf(options)
  const object = { apiVersion: 'sluice.dev/v1', kind: WEBHOOK.kind, metadata: { name }, spec }
  const path = `${pathOf(WEBHOOK, undefined)}?${dryRunQuery(options.dryRun)}`
  if (options.dryRun !== 'client') await session.client(options).object('POST', path, object)
  session.say(`${shownName(WEBHOOK)}/${name} created${dryRunSuffix(options.dryRun)}`)
}

async function set(session: Session, options: Options, name: string): Promise<void> {
  const spec = specOf(options)
  if (Object.keys(spec).length === 0)
    throw new CommandError(`error: say what is to change: sluice webhook set ${name} --help`)
  const path = `${pathOf(WEBHOOK, undefined, name)}?${dryRunQuery(options.dryRun)}`
  const client = session.client(options)
  if (options.dryRun === 'client') await client.object('GET', pathOf(WEBHOOK, undefined, name))
  else await client.object('PATCH', path, { spec }, MERGE)
  session.say(`${shownName(WEBHOOK)}/${name} configured${dryRunSuffix(options.dryRun)}`)
}

async function retry(
  session: Session,
  options: LetterOptions,
  given: readonly string[],
): Promise<void> {
  const client = session.client(options)
  for (const deadLetter of await lettersMeant(session, options, given)) {
    await client.object('POST', RETRIES, { spec: { deadLetter } })
    session.say(`${shownName(LETTER)} "${deadLetter}" sent anew`)
  }
}

async function drop(
  session: Session,
  options: LetterOptions,
  given: readonly string[],
): Promise<void> {
  for (const name of await lettersMeant(session, options, given))
    await removeOne(session, options, LETTER, { name })
}

async function lettersMeant(
  session: Session,
  options: LetterOptions,
  given: readonly string[],
): Promise<readonly string[]> {
  if (options.all !== true) {
    if (given.length > 0) return given
    throw new CommandError('error: name dead letters, or say --all')
  }
  const all: readonly ApiObject[] = await listAll(
    session.client(options),
    pathOf(LETTER, undefined),
  )
  if (all.length === 0) session.warn('No resources found')
  return all.map(nameOf)
}

const collected = (text: string, before: readonly string[] = []): readonly string[] =>
  text === '' ? before : [...before, text]

function numberOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is no whole number.')
}
