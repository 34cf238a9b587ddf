/** `sluice logout`: forgets the token, and has the identity provider end what renews it. */
import type { Command } from 'commander'
import { withoutUser } from '../logins.ts'
import { revoke } from '../oidc/revoke.ts'
import type { Session } from '../session.ts'

export function addLogout(program: Command, session: Session): void {
  program
    .command('logout')
    .description('End the session')
    .action(async () => {
      const { login } = session
      session.config.change((file) => withoutUser(file, login))
      session.say(`Logged "${login.user}" out on "${login.server}"`)
      if (login.renewal) await revoke(login.renewal, session.warn)
    })
}
