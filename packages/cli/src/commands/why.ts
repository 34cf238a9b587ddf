/** `sluice policy why`: which binding lets somebody, or which roles would. Not a word of `oc`. */
import type { Command } from 'commander'
import { resourceAsked } from '../resource-asked.ts'
import type { CommonOptions, Session } from '../session.ts'

interface Options extends CommonOptions {
  readonly user?: string
}

export function addWhy(parent: Command, session: Session): void {
  parent
    .command('why <verb> <resource> [name]')
    .description('Explain a decision: which binding allows it, or which roles would')
    .option('--user <name>', 'somebody else')
    .action(
      (verb: string, resource: string, name: string | undefined, _: object, command: Command) =>
        why(session, command.optsWithGlobals(), verb, resource, name),
    )
}

async function why(
  session: Session,
  options: Options,
  verb: string,
  asked: string,
  name: string | undefined,
): Promise<void> {
  const resourceAttributes = {
    verb,
    ...resourceAsked(asked, undefined),
    namespace: session.project(options),
    name: name ?? '',
  }
  const spec = { resourceAttributes, ...(options.user === undefined ? {} : { user: options.user }) }
  const found = await session
    .client(options)
    .object('POST', '/apis/sluice.dev/v1/accessexplanations', { spec })
  const { allowed, reason } = found['status'] as { allowed: boolean; reason: string }
  session.say(`${allowed ? 'yes' : 'no'}: ${reason}`)
}
