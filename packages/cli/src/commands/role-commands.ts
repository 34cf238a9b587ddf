/** `add-role-to-user`, `remove-role-from-group` and the like. */
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { didYouMean } from '../did-you-mean.ts'
import { dryRunOption, dryRunSuffix, type DryRun } from '../dry-run.ts'
import { listAll } from '../list-pages.ts'
import {
  RBAC,
  RBAC_GROUP,
  RoleBindings,
  subjectsNamed,
  type RoleRef,
  type Subject,
  type Target,
} from '../role-bindings.ts'
import { addRemoveSubject } from './remove-subject.ts'
import { nameOf, type CommonOptions, type Session } from '../session.ts'

interface Options extends CommonOptions {
  readonly serviceaccount?: readonly string[]
  readonly rolebindingName?: string
  readonly roleNamespace?: string
  readonly dryRun?: DryRun
}

/** `everywhere`: those of cluster roles, for all projects. */
export function addRoleCommands(parent: Command, session: Session, everywhere: boolean): void {
  const role = everywhere ? 'cluster-role' : 'role'
  for (const target of ['user', 'group'] as const) {
    const add = roleCommand(parent, session, `add-${role}-to-${target}`, {
      target,
      everywhere,
      adds: true,
    })
    add.option('--rolebinding-name <name>', 'the binding to use')
    const remove = roleCommand(parent, session, `remove-${role}-from-${target}`, {
      target,
      everywhere,
      adds: false,
    })
    if (!everywhere) {
      for (const command of [add, remove])
        command.option('--role-namespace <project>', 'a Role of this project, not a ClusterRole')
      addRemoveSubject(parent, session, target)
    }
  }
}

interface What {
  readonly target: Target
  readonly everywhere: boolean
  readonly adds: boolean
}

function roleCommand(parent: Command, session: Session, name: string, what: What): Command {
  const { target, adds } = what
  const command = parent
    .command(`${name} [role] [names...]`)
    .description(
      adds ? `Give a role to a ${target} or several` : `Take a role from a ${target} or several`,
    )
    .addOption(dryRunOption())
    .action((role: string | undefined, names: readonly string[], _: object, self: Command) =>
      change(session, what, role, names, self.optsWithGlobals()),
    )
  if (target === 'user')
    command.option('-z, --serviceaccount <names...>', 'service accounts of the project')
  return command
}

async function change(
  session: Session,
  { target, everywhere, adds }: What,
  role: string | undefined,
  names: readonly string[],
  options: Options,
): Promise<void> {
  const { dryRun, roleNamespace, rolebindingName, serviceaccount: accounts = [] } = options
  if (role === undefined) throw new CommandError('error: you must specify a role')
  if (names.length + accounts.length === 0) {
    throw new CommandError(
      target === 'user'
        ? 'error: you must specify at least one user or service account'
        : 'error: you must specify at least two arguments: <role> <group> [group]...',
    )
  }
  const namespace = session.project(options)
  if (roleNamespace !== undefined && roleNamespace !== namespace)
    throw new CommandError(
      'error: role binding in a namespace different from the role namespace is not supported',
    )
  const subjects = [
    ...subjectsNamed(target, names),
    ...accounts.map((name): Subject => ({ kind: 'ServiceAccount', name, namespace })),
  ]
  const bindings = new RoleBindings(
    session.client(options),
    everywhere ? undefined : namespace,
    dryRun,
  )
  const ref: RoleRef = { kind: roleNamespace === undefined ? 'ClusterRole' : 'Role', name: role }
  if (adds) {
    await warnOfUnknown(session, options, ref)
    await bindings.add(ref, subjects, rolebindingName)
  } else await bindings.remove(ref, subjects)
  const shown = subjects.map(({ name }) => JSON.stringify(name))
  const told = shown.length === 1 ? shown[0] : `[${shown.join(' ')}]`
  const done = adds ? 'added' : 'removed'
  session.say(
    `${ref.kind.toLowerCase()}.${RBAC_GROUP}/${role} ${done}: ${told}${dryRunSuffix(dryRun)}`,
  )
}

/** A binding may stand before its role does. */
async function warnOfUnknown(
  session: Session,
  options: Options,
  { kind, name }: RoleRef,
): Promise<void> {
  const client = session.client(options)
  const list =
    kind === 'ClusterRole'
      ? `${RBAC}/clusterroles`
      : `${RBAC}/namespaces/${encodeURIComponent(session.project(options))}/roles`
  const { status } = await client.ask('GET', `${list}/${encodeURIComponent(name)}`)
  if (status === 200) return
  const known = await listAll(client, list).catch(() => [])
  session.warn(`Warning: role '${name}' not found${didYouMean(name, known.map(nameOf))}`)
}
