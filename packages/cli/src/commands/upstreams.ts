/** `sluice upstream`: the registries that this one reads through. */
import type { Command } from 'commander'
import type { ApiClient, ApiObject } from '../api-client.ts'
import { CommandError } from '../command-error.ts'
import { dryRunOption, dryRunQuery, dryRunSuffix, type DryRun } from '../dry-run.ts'
import { knownOutput, wholeText } from '../print-objects.ts'
import { pathOf, resourceNamed, shownName } from '../resource-names.ts'
import type { CommonOptions, Session } from '../session.ts'
import {
  specOf,
  withUpstreamOptions,
  type UpstreamOptions,
  type UpstreamSpec,
} from '../upstream-options.ts'
import { removeOne } from './delete.ts'
import { get, type GetOptions } from './get.ts'

interface Options extends CommonOptions, UpstreamOptions {
  readonly dryRun?: DryRun
  readonly output?: string
}

interface UpstreamObject extends ApiObject {
  readonly spec: UpstreamSpec
}

const UPSTREAM = resourceNamed('upstream')
const MERGE = { 'Content-Type': 'application/merge-patch+json' }

export function addUpstreams(program: Command, session: Session): void {
  const upstream = program
    .command('upstream')
    .description('Manage the registries that this one reads through')
  withUpstreamOptions(withOutput(upstream.command('add <name>')))
    .description('Read through another registry; of one that is known say what differs')
    .action((name: string, _: object, command: Command) =>
      add(session, command.optsWithGlobals(), name),
    )
  withUpstreamOptions(withOutput(upstream.command('set <name>')))
    .description('Change what is said, and nothing else')
    .action((name: string, _: object, command: Command) =>
      set(session, command.optsWithGlobals(), name),
    )
  upstream
    .command('remove <name>')
    .description('Read through it no more; what was fetched stays in its project')
    .addOption(dryRunOption())
    .action((name: string, _: object, command: Command) =>
      removeOne(session, command.optsWithGlobals(), UPSTREAM, { name }),
    )
  upstream
    .command('list')
    .description('Show them')
    .option('-o, --output <format>', 'json, yaml, name or wide')
    .action((_: object, command: Command) =>
      get(session, command.optsWithGlobals<GetOptions>(), UPSTREAM.plural, []),
    )
}

const withOutput = (command: Command): Command =>
  command
    .addOption(dryRunOption())
    .option('-o, --output <format>', 'json, yaml or name: print what was made')

async function add(session: Session, options: Options, name: string): Promise<void> {
  const client = session.client(options)
  const preset = await presetOf(client, name)
  if (preset) return change(session, options, preset)
  const object = (spec: object) => ({
    apiVersion: 'sluice.dev/v1',
    kind: UPSTREAM.kind,
    metadata: { name },
    spec,
  })
  const create = (spec: object, dryRun?: DryRun) =>
    client.object('POST', `${pathOf(UPSTREAM, undefined)}?${dryRunQuery(dryRun)}`, object(spec))
  const asItWouldBe = async (said: object) =>
    ((await create(said, 'server')) as UpstreamObject).spec
  const spec = await specOf(options, asItWouldBe)
  const { dryRun } = options
  const made = dryRun === 'client' ? object(spec) : await create(spec, dryRun)
  say(session, options, made, 'created')
}

async function set(session: Session, options: Options, name: string): Promise<void> {
  const found = await session.client(options).object('GET', pathOf(UPSTREAM, undefined, name))
  await change(session, options, found as UpstreamObject)
}

async function change(session: Session, options: Options, before: UpstreamObject): Promise<void> {
  const { name, resourceVersion } = before.metadata
  const spec = await specOf(options, async () => before.spec)
  if (Object.keys(spec).length === 0)
    throw new CommandError(`error: say what is to change: sluice upstream set ${name} --help`)
  const path = `${pathOf(UPSTREAM, undefined, name)}?${dryRunQuery(options.dryRun)}`
  // What is said may have been made of what was there.
  const patch = { metadata: { resourceVersion }, spec }
  const made =
    options.dryRun === 'client'
      ? { ...before, spec: { ...before.spec, ...spec } }
      : await session.client(options).object('PATCH', path, patch, MERGE)
  say(session, options, made, 'configured')
}

/** One of those that every registry knows, which nobody has changed yet. */
async function presetOf(client: ApiClient, name: string): Promise<UpstreamObject | undefined> {
  const { status, text } = await client.ask('GET', pathOf(UPSTREAM, undefined, name))
  if (status !== 200) return undefined
  const found = JSON.parse(text) as UpstreamObject
  const { uid, resourceVersion } = found.metadata
  return uid === `default:${name}` && resourceVersion === '1' ? found : undefined
}

function say(session: Session, { output, dryRun }: Options, made: ApiObject, done: string): void {
  if (output === undefined)
    session.say(`${shownName(UPSTREAM)}/${made.metadata.name} ${done}${dryRunSuffix(dryRun)}`)
  else {
    knownOutput(output)
    session.write(wholeText(made, output))
  }
}
