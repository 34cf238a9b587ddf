/** `sluice logout`: forgets the token. One of an identity provider is its to revoke. */
import type { Command } from 'commander'
import { withoutUser } from '../kubeconfig.ts'
import type { Session } from '../session.ts'

export function addLogout(program: Command, session: Session): void {
  program
    .command('logout')
    .description('End the session')
    .action(() => {
      const { login } = session
      session.config.change((file) => withoutUser(file, login))
      session.say(`Logged "${login.user}" out on "${login.server}"`)
    })
}
