/** `sluice whoami`: the user, the token, or the server. */
import type { Command } from 'commander'
import type { Session } from '../session.ts'

interface Options {
  readonly showToken?: boolean
  readonly showServer?: boolean
}

export function addWhoami(program: Command, session: Session): void {
  program
    .command('whoami')
    .description('Show the user of this session')
    .option('-t, --show-token', 'print the token')
    .option('--show-server', 'print the server')
    .action(async ({ showToken, showServer }: Options) => {
      if (showToken) session.say(await session.token())
      else if (showServer) session.say(session.login.server)
      else {
        const { metadata } = await session
          .client()
          .object('GET', '/apis/user.openshift.io/v1/users/~')
        session.say(metadata.name)
      }
    })
}
