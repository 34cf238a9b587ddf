/** Decisions in words: which binding and rule allow something, or which roles would. */
import type { Attributes } from '../rbac/attributes.ts'
import { ruleAllows } from '../rbac/rule-allows.ts'
import type { Rule } from '../rbac/rule.ts'
import type { Identity } from '../ports/identity-provider.ts'
import type { Decision } from './decision.ts'
import type { ClusterRights, Held } from './rights-snapshot.ts'

/** As many roles as somebody reads. */
const MOST_ROLES = 8

export function decisionOf(
  identity: Identity,
  asked: Attributes,
  held: readonly Held[],
  cluster: ClusterRights,
): Decision {
  for (const { binding, role, rules, subject } of held) {
    const rule = rules.find((one) => ruleAllows(one, asked))
    if (!rule) continue
    const kind = binding.namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding'
    const where = binding.namespace === undefined ? '' : `/${binding.namespace}`
    const reason = `RBAC: allowed by ${kind} "${binding.name}${where}" of ${role.kind} "${role.name}" to ${subject.kind} "${subject.name}"`
    return { allowed: true, binding, role, rule, reason }
  }
  const able = [...cluster.roleNames]
    .map((name) => ({ name, rules: cluster.rules(name) }))
    .filter(({ rules }) => rules.some((rule) => ruleAllows(rule, asked)))
    .toSorted((one, other) => strength(one.rules) - strength(other.rules))
    .slice(0, MOST_ROLES)
  const roles = able.map(({ name }) => ({ kind: 'ClusterRole', name }) as const)
  const reason =
    roles.length === 0
      ? `no role that ${identity.user} has allows it, and no ClusterRole would`
      : `no role that ${identity.user} has allows it; one of these would: ${roles.map(({ name }) => name).join(', ')}`
  return { allowed: false, roles, reason }
}

/** How much rules give: what is asked is best given by the role that gives least besides. */
const strength = (rules: readonly Rule[]): number =>
  rules.reduce(
    (sum, { verbs, resources = [], apiGroups = [] }) =>
      sum +
      (verbs.includes('*') ? 100 : verbs.length) *
        (resources.includes('*') ? 100 : resources.length) *
        (apiGroups.includes('*') ? 10 : 1),
    0,
  )
