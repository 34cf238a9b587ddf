/** `sluice policy` and `sluice adm policy`: who has which role, in a project or everywhere. */
import type { Command } from 'commander'
import type { Session } from '../session.ts'
import { addRoleCommands } from './role-commands.ts'
import { addWhoCan } from './who-can.ts'
import { addWhy } from './why.ts'

export function addPolicy(program: Command, session: Session): void {
  const policy = program.command('policy').description('Manage who may do what in a project')
  const adm = program
    .command('adm')
    .description('Manage the registry')
    .command('policy')
    .description('Manage who may do what')
  for (const parent of [policy, adm]) {
    addRoleCommands(parent, session, false)
    addWhoCan(parent, session)
    addWhy(parent, session)
  }
  addRoleCommands(adm, session, true)
}
