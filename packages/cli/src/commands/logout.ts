/** `sluice logout`: forgets the token. One of an identity provider is its to revoke. */
import type { Command } from 'commander'
import type { Session } from '../session.ts'

export function addLogout(program: Command, session: Session): void {
  program
    .command('logout')
    .description('End the session')
    .action(() => {
      const { user, server } = session.config.logout()
      session.say(`Logged "${user}" out on "${server}"`)
    })
}
