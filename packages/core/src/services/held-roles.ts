/** The roles that somebody has, by what was read. */
import type { Attributes } from '../rbac/attributes.ts'
import { EVERY_RIGHT } from '../rbac/every-right.ts'
import { ruleAllows } from '../rbac/rule-allows.ts'
import type { Rule } from '../rbac/rule.ts'
import type { RoleRef } from '../rbac/binding.ts'
import type { Identity } from '../ports/identity-provider.ts'
import { EVERYONE, PUBLIC_ROLE } from '../records/subject-record.ts'
import type { ClusterRights, Held, HeldRole, ProjectRights } from './rights-snapshot.ts'

export const ADMINISTRATORS = 'system:cluster-admins'

/** Whoever is in one of these may everything, whatever is bound: so bindings can always be put right. */
export const MASTERS: readonly string[] = [ADMINISTRATORS, 'system:masters']

export const isMaster = ({ groups }: Identity): boolean =>
  groups.some((name) => MASTERS.includes(name))

export interface Read {
  readonly cluster: ClusterRights
  readonly project: ProjectRights | undefined
}

/** None where there is no such role. */
export const rulesOf = ({ kind, name }: RoleRef, { cluster, project }: Read): readonly Rule[] =>
  kind === 'Role' ? (project?.roles.get(name) ?? []) : cluster.rules(name)

/** Every role that the caller has there: the registry's first, then the project's. */
export function* held(identity: Identity, read: Read): Generator<Held> {
  const { cluster, project } = read
  const keys = [`User#${identity.user}`, ...identity.groups.map((group) => `Group#${group}`)]
  const exists = project?.project !== undefined
  for (const holders of [cluster.holders, ...(exists ? [project.holders] : [])]) {
    for (const key of keys) {
      for (const one of holders.get(key) ?? []) yield { ...one, rules: rulesOf(one.role, read) }
    }
  }
  const master = identity.groups.find((name) => MASTERS.includes(name))
  if (master !== undefined) yield everything(master)
  for (const one of publicRoles(project)) {
    if (!identity.groups.includes(one.subject.name)) continue
    yield { ...one, rules: rulesOf(one.role, read) }
  }
}

/** What a project's bindings give, they give within it alone. */
export function allows(identity: Identity, asked: Attributes, { cluster, project }: Read): boolean {
  const within = 'path' in asked || asked.namespace === undefined ? undefined : project
  for (const { rules } of held(identity, { cluster, project: within })) {
    if (rules.some((rule) => ruleAllows(rule, asked))) return true
  }
  return false
}

/** A public project is one in which everyone has the right to pull. */
export function publicRoles(project: ProjectRights | undefined): readonly HeldRole[] {
  if (!project?.project?.public) return []
  return EVERYONE.map((name) => ({
    binding: { name: 'public', namespace: project.name },
    role: PUBLIC_ROLE,
    subject: { kind: 'Group', name },
  }))
}

/** What no change of a role or a binding takes away. */
const everything = (group: string): Held => ({
  binding: { name: 'cluster-admins' },
  role: { kind: 'ClusterRole', name: 'cluster-admin' },
  subject: { kind: 'Group', name: group },
  rules: EVERY_RIGHT,
})
