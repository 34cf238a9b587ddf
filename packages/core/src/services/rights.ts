/**
 * Who may do what: OpenShift's roles, bound to users, groups and service accounts for one project or for all. Deny by
 * default. A right that was given counts at once, since no answer "no" comes from what was read before; one that was taken
 * away may last for `Policy.rightsAge`.
 */
import type { Access, Action } from '../access.ts'
import { IMAGE_GROUP, type Attributes, type ResourceAttributes } from '../rbac/attributes.ts'
import { EVERY_RIGHT } from '../rbac/every-right.ts'
import { ruleAllows } from '../rbac/rule-allows.ts'
import { uncovered } from '../rbac/rules-cover.ts'
import type { Rule } from '../rbac/rule.ts'
import type { Identity } from '../ports/identity-provider.ts'
import type { Table } from '../ports/table.ts'
import { EVERYONE, PUBLIC_ROLE, subjectPk, subjectRecord } from '../records/subject-record.ts'
import {
  isDeep,
  parseRepositoryName,
  projectOf,
  type ProjectName,
  type RepositoryName,
} from '../repository-name.ts'
import { actionAttributes, METRICS } from './access-attributes.ts'
import type { Decision } from './decision.ts'
import { decisionOf } from './decisions.ts'
import { pages } from './pages.ts'
import type { RightsReader } from './rights-reader.ts'
import type { ClusterRights, Held, HeldRole, ProjectRights } from './rights-snapshot.ts'

export const ADMINISTRATORS = 'system:cluster-admins'

/** Whoever is in one of these may everything, whatever is bound: so bindings can always be put right. */
const MASTERS: readonly string[] = [ADMINISTRATORS, 'system:masters']

const ACTIONS: readonly Action[] = ['pull', 'push', 'delete']

const ALL = 1_000_000

interface Read {
  readonly cluster: ClusterRights
  readonly project: ProjectRights | undefined
  /** Some of it was read before this question. */
  readonly kept: boolean
}

export class Rights {
  readonly #table: Table
  readonly #reader: RightsReader

  constructor(table: Table, reader: RightsReader) {
    this.#table = table
    this.#reader = reader
  }

  /** `fresh`: by what is bound now, not a moment ago. */
  async may(
    identity: Identity,
    asked: Attributes,
    { fresh = false }: { readonly fresh?: boolean } = {},
  ): Promise<boolean> {
    if (isMaster(identity)) return true
    return this.#settled(namespaceOf(asked), fresh, (read) => allows(identity, asked, read))
  }

  async why(identity: Identity, asked: Attributes): Promise<Decision> {
    const read = await this.#read(namespaceOf(asked), true)
    return decisionOf(identity, asked, [...held(identity, read)], read.cluster)
  }

  /** Why an access is not granted, for the eyes of whoever asked. */
  async reason(identity: Identity, { name, actions }: Access): Promise<string> {
    const repository = parseRepositoryName(name)
    for (const asked of actions.flatMap(
      (action) => actionAttributes(action, repository)[0] ?? [],
    )) {
      const decision = await this.why(identity, asked)
      if (!decision.allowed) return decision.reason
    }
    return 'the project does not exist, or holds no such repository'
  }

  /** All rules that hold for the caller there; without a project, those that hold everywhere. */
  async rulesOf(identity: Identity, namespace: string | undefined): Promise<readonly Rule[]> {
    const rules = [...held(identity, await this.#read(namespace, true))].flatMap((one) => one.rules)
    return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()]
  }

  /** The parts of rules that the caller lacks there, and so may not hand on. */
  async lacks(
    identity: Identity,
    namespace: string | undefined,
    rules: readonly Rule[],
  ): Promise<readonly Rule[]> {
    if (isMaster(identity)) return []
    return uncovered(await this.rulesOf(identity, namespace), rules)
  }

  /** The rules of a role as they are now; none where there is no such role. */
  async rulesOfRole(
    namespace: string | undefined,
    { kind, name }: { readonly kind: string; readonly name: string },
  ): Promise<readonly Rule[]> {
    const { cluster, project } = await this.#read(namespace, true)
    return kind === 'Role' ? (project?.roles.get(name) ?? []) : cluster.rules(name)
  }

  /** Users and groups that a role lets do it, sorted; service accounts are users. */
  async whoCan(
    asked: ResourceAttributes,
  ): Promise<{ readonly users: readonly string[]; readonly groups: readonly string[] }> {
    const { cluster, project } = await this.#read(asked.namespace, true)
    const there = project?.project && project
    const everyone = there?.project?.public ? publicRole({ user: '', groups: EVERYONE }) : []
    const all = [
      ...cluster.holders,
      ...(there?.holders ?? []),
      ...everyone.map((one) => [`Group#${one.subject.name}`, [one]] as const),
    ]
    const able = all.filter(([, roles]) =>
      roles.some(({ role }) =>
        rulesOf(role, cluster, project).some((rule) => ruleAllows(rule, asked)),
      ),
    )
    const named = (kind: string): string[] =>
      [
        ...new Set(
          able.flatMap(([holder]) =>
            holder.startsWith(`${kind}#`) ? [holder.slice(kind.length + 1)] : [],
          ),
        ),
      ].toSorted()
    const groups = [...new Set([...named('Group'), ...MASTERS])].toSorted()
    return { users: named('User'), groups }
  }

  /** The part of what is asked that the caller has; never more. What has no part is left out. */
  async grant(identity: Identity, asked: readonly Access[]): Promise<readonly Access[]> {
    const granted: Access[] = []
    for (const access of asked) {
      const has = await this.#actions(identity, access)
      const actions = access.actions.includes('*')
        ? has
        : access.actions.filter((action) => has.includes(action))
      if (actions.length > 0) granted.push({ ...access, actions })
    }
    return granted
  }

  async mayPull(identity: Identity, repository: RepositoryName): Promise<boolean> {
    return (await this.#ofRepository(identity, repository, ['pull'])).includes('pull')
  }

  /** Whether a push may make a repository there that does not exist; one that does exist needs less. */
  mayCreate(identity: Identity, repository: RepositoryName): Promise<boolean> {
    return this.may(identity, {
      verb: 'create',
      group: IMAGE_GROUP,
      resource: 'imagestreams',
      namespace: projectOf(repository),
    })
  }

  /** The projects whose repositories the caller may know of. */
  visible(identity: Identity): Promise<'all' | readonly ProjectName[]> {
    return this.projectsWhere(identity, {
      verb: 'get',
      group: IMAGE_GROUP,
      resource: 'imagestreams',
      subresource: 'layers',
    })
  }

  /** The projects, in no order, in which the caller may do it; `all` where that holds without regard to one. */
  async projectsWhere(
    identity: Identity,
    asked: ResourceAttributes,
  ): Promise<'all' | readonly ProjectName[]> {
    if (await this.may(identity, asked)) return 'all'
    const { rights: cluster } = await this.#reader.cluster(false)
    const projects = new Set<ProjectName>()
    for (const pk of partitionsOf(identity)) {
      const { records } = await pages(this.#table, pk, { limit: ALL })
      for (const { sk, item } of records) {
        const { project, roleRef } = subjectRecord(sk, item)
        if (projects.has(project as ProjectName)) continue
        const able =
          roleRef.kind === 'ClusterRole'
            ? cluster.rules(roleRef.name).some((rule) => ruleAllows(rule, asked))
            : await this.may(identity, { ...asked, namespace: project })
        if (able) projects.add(project as ProjectName)
      }
    }
    return [...projects]
  }

  async #actions(identity: Identity, access: Access): Promise<readonly Action[]> {
    if (access.type === 'repository') {
      return this.#ofRepository(identity, parseRepositoryName(access.name), access.actions)
    }
    // The catalogue shows everyone what is hers to see.
    if (access.name === 'catalog') return ['*']
    return access.name === 'metrics' && (await this.may(identity, METRICS)) ? ['*'] : []
  }

  async #ofRepository(
    identity: Identity,
    repository: RepositoryName,
    asked: readonly Action[],
  ): Promise<readonly Action[]> {
    const project = projectOf(repository)
    // A token for a deep name proves that its project allows such, so that a request need not ask again.
    if (isDeep(repository)) {
      const deep = (read: Read): boolean => read.project?.project?.deepNames === true
      if (!(await this.#settled(project, false, deep))) return []
    }
    if (isMaster(identity)) return ACTIONS
    const wanted = asked.includes('*') ? ACTIONS : asked
    const has: Action[] = []
    for (const action of wanted) {
      if (await this.#mayAct(identity, repository, action)) has.push(action)
    }
    return has
  }

  #mayAct(identity: Identity, repository: RepositoryName, action: Action): Promise<boolean> {
    return this.#settled(projectOf(repository), false, (read) =>
      actionAttributes(action, repository).some((all) =>
        all.every((asked) => allows(identity, asked, read)),
      ),
    )
  }

  /** A "no" by what was read before is asked again of what is there now. */
  async #settled(
    namespace: string | undefined,
    fresh: boolean,
    decide: (read: Read) => boolean,
  ): Promise<boolean> {
    const read = await this.#read(namespace, fresh)
    if (decide(read)) return true
    return read.kept ? decide(await this.#read(namespace, true)) : false
  }

  async #read(namespace: string | undefined, fresh: boolean): Promise<Read> {
    const [cluster, project] = await Promise.all([
      this.#reader.cluster(fresh),
      namespace === undefined ? undefined : this.#reader.project(namespace, fresh),
    ])
    const kept = cluster.kept || project?.kept === true
    return { cluster: cluster.rights, project: project?.rights, kept }
  }
}

const isMaster = ({ groups }: Identity): boolean => groups.some((name) => MASTERS.includes(name))

const namespaceOf = (asked: Attributes): string | undefined =>
  'path' in asked ? undefined : asked.namespace

const partitionsOf = ({ user, groups }: Identity): readonly string[] => [
  subjectPk('User', user),
  ...groups.map((group) => subjectPk('Group', group)),
]

const rulesOf = (
  { kind, name }: HeldRole['role'],
  cluster: ClusterRights,
  project: ProjectRights | undefined,
): readonly Rule[] => (kind === 'Role' ? (project?.roles.get(name) ?? []) : cluster.rules(name))

/** Every role that the caller has there: the registry's first, then the project's. */
function* held(identity: Identity, { cluster, project }: Read): Generator<Held> {
  const keys = [`User#${identity.user}`, ...identity.groups.map((group) => `Group#${group}`)]
  const exists = project?.project !== undefined
  for (const holders of [cluster.holders, ...(exists ? [project.holders] : [])]) {
    for (const key of keys) {
      for (const one of holders.get(key) ?? []) {
        yield { ...one, rules: rulesOf(one.role, cluster, project) }
      }
    }
  }
  const master = identity.groups.find((name) => MASTERS.includes(name))
  if (master !== undefined) yield everything(master)
  if (!project?.project?.public) return
  for (const one of publicRole(identity)) {
    yield { ...one, rules: rulesOf(one.role, cluster, project) }
  }
}

/** What no change of a role or a binding takes away. */
const everything = (group: string): Held => ({
  binding: { name: 'cluster-admins' },
  role: { kind: 'ClusterRole', name: 'cluster-admin' },
  subject: { kind: 'Group', name: group },
  rules: EVERY_RIGHT,
})

/** What a project's bindings give, they give within it alone. */
function allows(identity: Identity, asked: Attributes, { cluster, project, kept }: Read): boolean {
  const within = namespaceOf(asked) === undefined ? undefined : project
  for (const { rules } of held(identity, { cluster, project: within, kept })) {
    if (rules.some((rule) => ruleAllows(rule, asked))) return true
  }
  return false
}

/** A public project is one in which everyone has the right to pull. */
const publicRole = ({ groups }: Identity): readonly HeldRole[] =>
  EVERYONE.filter((group) => groups.includes(group)).map((name) => ({
    binding: { name: 'public' },
    role: PUBLIC_ROLE,
    subject: { kind: 'Group', name },
  }))
