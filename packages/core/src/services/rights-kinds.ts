/** The kinds of object that say who may do what, and what nobody may do with them: hand on what he has not. */
import type { BindingContent, RoleContent } from '../rbac/binding.ts'
import { bindingProblems } from '../rbac/binding-problems.ts'
import { EVERY_RIGHT } from '../rbac/every-right.ts'
import { RBAC_GROUP } from '../rbac/attributes.ts'
import { pathSegmentProblems } from '../rbac/name-problems.ts'
import { roleProblems } from '../rbac/role-problems.ts'
import type { Rule } from '../rbac/rule.ts'
import { ruleTexts } from '../rbac/rule-texts.ts'
import { ObjectError } from '../object-error.ts'
import type { Identity } from '../ports/identity-provider.ts'
import type { Write } from '../ports/table.ts'
import { subjectItem, subjectKey } from '../records/subject-record.ts'
import type { StoredObject } from '../stored-object.ts'
import type { ObjectKind } from './object-kind.ts'
import { defaultClusterRoleBindings, defaultClusterRoles } from './rights-reader.ts'
import type { Rights } from './rights.ts'

export function roleKind(rights: Rights, namespaced: boolean): ObjectKind<RoleContent> {
  const resource = namespaced ? 'roles' : 'clusterroles'
  return {
    kind: namespaced ? 'Role' : 'ClusterRole',
    resource,
    group: RBAC_GROUP,
    ...(namespaced ? {} : { defaults: defaultClusterRoles }),
    problems: ({ name, content }) => [
      ...pathSegmentProblems(name),
      ...roleProblems(content, namespaced),
    ],
    admit: async (by, namespace, { name, content, labels = {} }, before) => {
      const escalate = { verb: 'escalate', group: RBAC_GROUP, resource, name }
      // Labels count as well: they put a role's rules into others, which may be bound already.
      const same =
        before &&
        JSON.stringify([before.content, before.meta.labels]) === JSON.stringify([content, labels])
      if (same) return
      if (await rights.may(by, inNamespace(escalate, namespace), { fresh: true })) return
      // One that gathers others may come to hold anything.
      const gathered = content.aggregationRule ? EVERY_RIGHT : []
      const lacking = await rights.lacks(by, namespace, [...content.rules, ...gathered])
      refuseLacking(by, `${resource}.${RBAC_GROUP} "${name}"`, lacking)
    },
  }
}

export function bindingKind(rights: Rights, namespaced: boolean): ObjectKind<BindingContent> {
  return {
    kind: namespaced ? 'RoleBinding' : 'ClusterRoleBinding',
    resource: namespaced ? 'rolebindings' : 'clusterrolebindings',
    group: RBAC_GROUP,
    ...(namespaced ? {} : { defaults: defaultClusterRoleBindings }),
    problems: ({ name, content }, before) => [
      ...pathSegmentProblems(name),
      ...bindingProblems(content, before?.content, namespaced),
    ],
    admit: async (by, namespace, { name, content: { roleRef } }) => {
      const resource = roleRef.kind === 'Role' ? 'roles' : 'clusterroles'
      const bind = { verb: 'bind', group: RBAC_GROUP, resource, name: roleRef.name }
      if (await rights.may(by, inNamespace(bind, namespace), { fresh: true })) return
      const rules = await rights.rulesOfRole(namespace, roleRef)
      const bindings = namespaced ? 'rolebindings' : 'clusterrolebindings'
      const lacking = await rights.lacks(by, namespace, rules)
      refuseLacking(by, `${bindings}.${RBAC_GROUP} "${name}"`, lacking)
    },
    also: (namespace, before, after) => rowsOf(namespace, before, after),
  }
}

const inNamespace = <A extends object>(asked: A, namespace: string | undefined) => ({
  ...asked,
  ...(namespace === undefined ? {} : { namespace }),
})

function refuseLacking({ user, groups }: Identity, object: string, lacking: readonly Rule[]): void {
  if (lacking.length === 0) return
  const rules = ruleTexts(lacking).join('\n')
  const names = groups.map((group) => JSON.stringify(group)).join(' ')
  throw new ObjectError(
    'Forbidden',
    `${object} is forbidden: user ${JSON.stringify(user)} (groups=[${names}]) is attempting to grant RBAC permissions not currently held:\n${rules}`,
  )
}

/** The rows of subjects that come and go; those that stay keep theirs, since a binding's role never changes. */
function rowsOf(
  namespace: string,
  before: StoredObject<BindingContent> | undefined,
  after: StoredObject<BindingContent> | undefined,
): readonly Write[] {
  const keysOf = (binding: StoredObject<BindingContent> | undefined) =>
    new Map(
      (binding?.content.subjects ?? []).map((subject) => {
        const key = subjectKey(subject, namespace, binding?.meta.name ?? '')
        return [JSON.stringify(key), key]
      }),
    )
  const [had, has] = [keysOf(before), keysOf(after)]
  const writes: Write[] = []
  for (const [text, key] of had) if (!has.has(text)) writes.push({ delete: key })
  for (const [text, key] of has) {
    if (after && !had.has(text)) writes.push({ put: key, item: subjectItem(after.content.roleRef) })
  }
  return writes
}
