/** `sluice images` and `tags`: what the project holds. */
import type { Command } from 'commander'
import { listAll } from '../list-pages.ts'
import { knownOutput, listOf, wholeText } from '../print-objects.ts'
import { pathOf, resourceNamed } from '../resource-names.ts'
import type { Session } from '../session.ts'
import { get, nothingFound, type GetOptions } from './get.ts'

export function addImages(program: Command, session: Session): void {
  program
    .command('images')
    .description('Show the repositories of the project')
    .option('-o, --output <format>', 'json, yaml, name or wide')
    .action((_: object, command: Command) => get(session, command.optsWithGlobals(), 'is', []))
  program
    .command('tags [repositories...]')
    .description('Show the tags of the project, or of some of its repositories')
    .option('-o, --output <format>', 'json, yaml, name or wide')
    .action((repositories: readonly string[], _: object, command: Command) =>
      tags(session, command.optsWithGlobals(), repositories),
    )
}

async function tags(
  session: Session,
  { output, ...options }: GetOptions,
  repositories: readonly string[],
): Promise<void> {
  const resource = resourceNamed('istag')
  const all = await listAll(session.client(options), pathOf(resource, session.project(options)))
  const found = all.filter(({ metadata: { name } }) => {
    const repository = name.slice(0, name.lastIndexOf(':'))
    return repositories.length === 0 || repositories.includes(repository)
  })
  if (found.length === 0) session.warn(nothingFound(session.project(options)))
  else if (output === undefined) {
    for (const { metadata } of found) session.say(metadata.name)
  } else if (output === 'wide') {
    await get(
      session,
      { ...options, output },
      'istag',
      found.map(({ metadata }) => metadata.name),
    )
  } else {
    knownOutput(output)
    session.write(wholeText(listOf(found), output))
  }
}
