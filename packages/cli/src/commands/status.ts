/** `sluice status`: whether the registry answers, who one is, and what the project holds as far as one may see it. */
import type { Command } from 'commander'
import type { ApiAnswer, ApiClient } from '../api-client.ts'
import { CommandError } from '../command-error.ts'
import { listIfAllowed } from '../list-if-allowed.ts'
import { printTables } from '../print-tables.ts'
import { REGISTRY_NAMESPACE } from '../registry-namespace.ts'
import { pathOf, resourceNamed } from '../resource-names.ts'
import type { CommonOptions, Session } from '../session.ts'

const COUNTED = [
  ['is', 'repository', 'repositories'],
  ['rolebindings', 'role binding', 'role bindings'],
  ['sa', 'service account', 'service accounts'],
] as const

export function addStatus(program: Command, session: Session): void {
  program
    .command('status')
    .description('Whether the registry answers, who you are, what the project holds')
    .action((_: object, command: Command) => status(session, command.optsWithGlobals()))
}

async function status(session: Session, options: CommonOptions): Promise<void> {
  const { server } = session.login
  const project = session.project(options)
  const client = session.client(options)
  const down = failing(await client.ask('GET', '/readyz?verbose'))
  try {
    await describe(session, client, server, project)
  } catch (error) {
    // What is down says more than what does not answer because of it.
    if (down.length === 0) throw error
  }
  const parts = await partsText(client)
  if (parts !== undefined) session.write(`\n${parts.text}`)
  const told = new Set(down.map((one) => one.split(' ')[0]))
  const unready = [...down, ...(parts?.down ?? []).filter((name) => !told.has(name))]
  if (unready.length > 0) throw new CommandError(`error: down: ${unready.join(', ')}`)
}

/** Names of the checks that failed. */
const failing = ({ text }: ApiAnswer): readonly string[] =>
  [...text.matchAll(/^\[-\](\S+) failed(?:: (.*))?$/gm)].map(([, name = '', problem]) =>
    problem === undefined ? name : `${name} (${problem})`,
  )

/** `undefined` where one may not see them. */
async function partsText(
  client: ApiClient,
): Promise<{ readonly text: string; readonly down: readonly string[] } | undefined> {
  const resource = resourceNamed('pods')
  const wanted = [{ resource, list: pathOf(resource, REGISTRY_NAMESPACE) }]
  try {
    const text = await printTables(client, wanted, { wide: true, across: false })
    const down = [...text.matchAll(/^image-registry-(\S+) +0\/1 /gm)].map(([, name = '']) => name)
    return { text, down }
  } catch (error) {
    if (error instanceof CommandError) return undefined
    throw error
  }
}

async function describe(
  session: Session,
  client: ApiClient,
  server: string,
  project: string,
): Promise<void> {
  const { metadata } = await client.object('GET', '/apis/user.openshift.io/v1/users/~')
  const registry = await client.ask('GET', '/v2/')
  if (registry.status !== 200)
    throw new CommandError(`error: ${server}/v2/ answers ${registry.status}`)
  session.say(`In project ${project} on server ${server}\n`)
  session.say(`The registry answers, and knows you as ${metadata.name}.`)
  const path = pathOf(resourceNamed('project'), undefined, project)
  const answer = await client.ask('GET', path)
  if (answer.status !== 200) {
    throw new CommandError(
      `error: You are not a member of project "${project}": sluice projects lists yours`,
    )
  }
  for (const [resource, one, several] of COUNTED) {
    const found = await listIfAllowed(client, pathOf(resourceNamed(resource), project))
    const count = found?.length
    session.say(
      count === undefined
        ? `  ${several}: you may not see them`
        : `  ${count} ${count === 1 ? one : several}`,
    )
  }
}
