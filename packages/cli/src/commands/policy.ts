/** `sluice policy` and `sluice adm policy`: who has which role, in a project or everywhere. */
import type { Command } from 'commander'
import type { ApiClient, ApiObject } from '../api-client.ts'
import { CommandError } from '../command-error.ts'
import type { CommonOptions, Session } from '../session.ts'

const RBAC = '/apis/rbac.authorization.k8s.io/v1'
const RBAC_GROUP = 'rbac.authorization.k8s.io'

interface Options extends CommonOptions {
  readonly serviceaccount?: readonly string[]
  readonly rolebindingName?: string
  readonly dryRun?: string
}

interface Subject {
  readonly kind: string
  readonly name: string
  readonly namespace?: string
  readonly apiGroup?: string
}

interface Binding extends ApiObject {
  readonly roleRef: { readonly kind: string; readonly name: string }
  readonly subjects?: readonly Subject[]
}

type Target = 'group' | 'user'

export function addPolicy(program: Command, session: Session): void {
  const policy = program.command('policy').description('Manage who may do what in a project')
  const adm = program
    .command('adm')
    .description('Manage the registry')
    .command('policy')
    .description('Manage who may do what')
  for (const parent of [policy, adm]) {
    for (const target of ['user', 'group'] as const) {
      addCommand(
        parent,
        session,
        `add-role-to-${target}`,
        target,
        change(session, 'added', target, false),
      )
      addCommand(
        parent,
        session,
        `remove-role-from-${target}`,
        target,
        change(session, 'removed', target, false),
      )
    }
  }
  for (const target of ['user', 'group'] as const) {
    addCommand(
      adm,
      session,
      `add-cluster-role-to-${target}`,
      target,
      change(session, 'added', target, true),
    )
    addCommand(
      adm,
      session,
      `remove-cluster-role-from-${target}`,
      target,
      change(session, 'removed', target, true),
    )
  }
  for (const parent of [policy, adm]) {
    parent
      .command('who-can <verb> <resource> [name]')
      .description('List who may do it')
      .option('-A, --all-namespaces', 'without regard to a project')
      .option('--subresource <name>')
      .action(
        (verb: string, resource: string, name: string | undefined, _: object, command: Command) =>
          whoCan(session, command.optsWithGlobals(), verb, resource, name),
      )
    parent
      .command('why <verb> <resource> [name]')
      .description('Explain a decision: which binding allows it, or which roles would')
      .option('--user <name>', 'somebody else')
      .action(
        (verb: string, resource: string, name: string | undefined, _: object, command: Command) =>
          why(session, command.optsWithGlobals(), verb, resource, name),
      )
  }
}

type Change = (role: string, names: readonly string[], options: Options) => Promise<void>

function addCommand(parent: Command, _: Session, name: string, target: Target, run: Change): void {
  const command = parent
    .command(`${name} [role] [names...]`)
    .option('--rolebinding-name <name>', 'the binding to use')
    .option('--dry-run <how>', 'client or server: change nothing')
  if (target === 'user')
    command.option('-z, --serviceaccount <names...>', 'service accounts of the project')
  command.action(
    (role: string | undefined, names: readonly string[], __: object, self: Command) => {
      const options: Options = self.optsWithGlobals()
      if (role === undefined) throw new CommandError('error: you must specify a role')
      if (names.length + (options.serviceaccount?.length ?? 0) === 0) {
        throw new CommandError(
          target === 'user'
            ? 'error: you must specify at least one user or service account'
            : 'error: you must specify at least two arguments: <role> <group> [group]...',
        )
      }
      return run(role, names, options)
    },
  )
}

function change(
  session: Session,
  done: 'added' | 'removed',
  target: Target,
  everywhere: boolean,
): Change {
  return async (role, names, options) => {
    const client = session.client(options)
    const namespace = session.project(options)
    const kind = target === 'user' ? 'User' : 'Group'
    const subjects: Subject[] = [
      ...names.map((name): Subject => ({ kind, name, apiGroup: RBAC_GROUP })),
      ...(options.serviceaccount ?? []).map((name): Subject => ({
        kind: 'ServiceAccount',
        name,
        namespace,
      })),
    ]
    const path = everywhere
      ? `${RBAC}/clusterrolebindings`
      : `${RBAC}/namespaces/${encodeURIComponent(namespace)}/rolebindings`
    const dry = options.dryRun === undefined ? '' : '?dryRun=All'
    const place = { client, path, dry, kind: everywhere ? 'ClusterRoleBinding' : 'RoleBinding' }
    if (done === 'added') {
      const known = await client
        .object('GET', `${RBAC}/clusterroles/${encodeURIComponent(role)}`)
        .catch(() => undefined)
      if (!known) session.warn(`Warning: role '${role}' not found`)
      await add(place, role, subjects, options.rolebindingName)
    } else await remove(place, role, subjects)
    const shown = subjects.map(({ name }) => name)
    const told =
      shown.length === 1
        ? JSON.stringify(shown[0])
        : `[${shown.map((name) => JSON.stringify(name)).join(' ')}]`
    const how =
      options.dryRun === undefined
        ? ''
        : options.dryRun === 'server'
          ? ' (server dry run)'
          : ' (dry run)'
    session.say(`clusterrole.rbac.authorization.k8s.io/${role} ${done}: ${told}${how}`)
  }
}

interface Place {
  readonly client: ApiClient
  readonly path: string
  readonly dry: string
  readonly kind: string
}

const same = (one: Subject, other: Subject): boolean =>
  one.kind === other.kind &&
  one.name === other.name &&
  (one.namespace ?? '') === (other.namespace ?? '')

async function bindingsOf({ client, path }: Place, role: string): Promise<readonly Binding[]> {
  const { items = [] } = await client.object('GET', path)
  return (items as readonly Binding[]).filter(
    ({ roleRef }) => roleRef.kind === 'ClusterRole' && roleRef.name === role,
  )
}

async function add(
  place: Place,
  role: string,
  subjects: readonly Subject[],
  named: string | undefined,
): Promise<void> {
  const { client, path, dry, kind } = place
  const all = await bindingsOf(place, role)
  const missing = subjects.filter(
    (one) => !all.some(({ subjects: has = [] }) => has.some((other) => same(one, other))),
  )
  if (missing.length === 0) return
  const binding = all.find(({ metadata }) => metadata.name === (named ?? role))
  if (binding) {
    const body = { ...binding, subjects: [...(binding.subjects ?? []), ...missing] }
    await client.object('PUT', `${path}/${encodeURIComponent(binding.metadata.name)}${dry}`, body)
    return
  }
  const { items = [] } = await client.object('GET', path)
  const taken = new Set(items.map(({ metadata }) => metadata.name))
  const name = named ?? free(role, taken)
  const roleRef = { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: role }
  await client.object('POST', `${path}${dry}`, {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind,
    metadata: { name },
    roleRef,
    subjects: missing,
  })
}

function free(role: string, taken: ReadonlySet<string>): string {
  for (let at = -1; ; at++) {
    const name = at < 0 ? role : `${role}-${at}`
    if (!taken.has(name)) return name
  }
}

async function remove(place: Place, role: string, subjects: readonly Subject[]): Promise<void> {
  const { client, path, dry } = place
  let found = false
  for (const binding of await bindingsOf(place, role)) {
    const { subjects: has = [] } = binding
    const left = has.filter((one) => !subjects.some((other) => same(one, other)))
    if (left.length === has.length) continue
    found = true
    const to = `${path}/${encodeURIComponent(binding.metadata.name)}${dry}`
    if (left.length === 0) await client.object('DELETE', to)
    else await client.object('PUT', to, { ...binding, subjects: left })
  }
  if (!found)
    throw new CommandError(
      `error: unable to find target [${subjects.map(({ name }) => name).join(' ')}]`,
    )
}

interface Asked extends CommonOptions {
  readonly allNamespaces?: boolean
  readonly subresource?: string
  readonly user?: string
}

/** Resources of images need not be told by their group. */
const IMAGES = /^(?:image|registry)/

function asked(resource: string, subresource: string | undefined) {
  const [plain = '', group] = /^([^.]+)(?:\.(.+))?$/.exec(resource)?.slice(1) ?? [resource]
  const [name = '', below] = plain.split('/')
  const inGroup = group?.split('/')[0]
  return {
    resource: name,
    group:
      inGroup ??
      (IMAGES.test(name)
        ? 'image.openshift.io'
        : /role/.test(name)
          ? RBAC_GROUP
          : /project/.test(name)
            ? 'project.openshift.io'
            : ''),
    subresource: subresource ?? below ?? group?.split('/')[1] ?? '',
  }
}

export { asked as resourceAsked }

function list(label: string, value: unknown): string {
  const names = Array.isArray(value) ? value.map(String) : []
  return names.length === 0 ? `${label}none` : label + names.join(`\n${' '.repeat(label.length)}`)
}

async function whoCan(
  session: Session,
  options: Asked,
  verb: string,
  resource: string,
  name?: string,
): Promise<void> {
  const { resource: plain, group, subresource } = asked(resource, options.subresource)
  const namespace = options.allNamespaces ? '' : session.project(options)
  const whole = subresource === '' ? plain : `${plain}/${subresource}`
  const body = {
    namespace,
    verb,
    resource: whole,
    resourceAPIGroup: group,
    resourceName: name ?? '',
  }
  // A project's administrator may ask within it.
  const root = '/apis/authorization.openshift.io/v1'
  const path = options.allNamespaces
    ? `${root}/resourceaccessreviews`
    : `${root}/namespaces/${encodeURIComponent(namespace)}/localresourceaccessreviews`
  const found = await session.client(options).object('POST', path, body)
  session.say(`resourceaccessreviewresponse.authorization.openshift.io/<unknown>\n`)
  session.say(`Namespace: ${namespace === '' ? '<all>' : namespace}`)
  session.say(`Verb:      ${verb}`)
  session.say(
    `Resource:  ${group === '' ? whole : `${plain}.${group}${subresource === '' ? '' : `/${subresource}`}`}\n`,
  )
  session.say(list('Users:  ', found['users']))
  session.say(list('Groups: ', found['groups']))
}

async function why(
  session: Session,
  options: Asked,
  verb: string,
  resource: string,
  name?: string,
): Promise<void> {
  const resourceAttributes = {
    verb,
    ...asked(resource, options.subresource),
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
