/** `sluice create token`: of a service account. */
import type { Command } from 'commander'
import { secondsOf } from '../duration.ts'
import { pathOf, resourceNamed } from '../resource-names.ts'
import type { CommonOptions, Session } from '../session.ts'

interface Options extends CommonOptions {
  readonly duration: string
  readonly audience?: readonly string[]
}

export function addCreateToken(create: Command, session: Session): void {
  create
    .command('token <serviceaccount>')
    .description('A token of a service account, for a password')
    .option('--duration <time>', 'how long it is good: 30m, 24h', '1h')
    .option('--audience <names...>', 'whom it is for, if not the registry')
    .action((name: string, _: object, command: Command) =>
      createToken(session, command.optsWithGlobals(), name),
    )
}

async function createToken(session: Session, options: Options, name: string): Promise<void> {
  const { duration, audience } = options
  const path = `${pathOf(resourceNamed('sa'), session.project(options), name)}/token`
  const spec = { expirationSeconds: secondsOf(duration), ...(audience && { audiences: audience }) }
  const made = await session.client(options).object('POST', path, { spec })
  session.say((made['status'] as { readonly token: string }).token)
}
