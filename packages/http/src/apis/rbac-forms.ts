/** Roles and bindings as `rbac.authorization.k8s.io/v1` writes them. */
import type { BindingContent, RoleContent, Subject } from '@sluice/core/rbac/binding'
import { RBAC_GROUP } from '@sluice/core/rbac/attributes'
import type { Rule } from '@sluice/core/rbac/rule'
import type { Form } from './collection-store.ts'
import {
  listOf,
  membersOf,
  textMapOf,
  textOf,
  textsOf,
  type Json,
  type Members,
} from './wire-object.ts'

export const RBAC_VERSION = `${RBAC_GROUP}/v1`

export const roleForm = (kind: 'ClusterRole' | 'Role'): Form<RoleContent> => ({
  apiVersion: RBAC_VERSION,
  kind,
  write: ({ rules, aggregationRule }) => ({
    rules: rules.map(ruleWire),
    ...(aggregationRule
      ? {
          aggregationRule: {
            clusterRoleSelectors: aggregationRule.clusterRoleSelectors.map(({ matchLabels }) => ({
              matchLabels,
            })),
          },
        }
      : {}),
  }),
  read: (object) => {
    const aggregation = object['aggregationRule']
    const rules = listOf(object['rules'], 'rules').map((rule, at) => ruleOf(rule, `rules[${at}]`))
    if (aggregation === undefined || aggregation === null || kind === 'Role') return { rules }
    const where = 'aggregationRule.clusterRoleSelectors'
    const selectors = listOf(
      membersOf(aggregation, 'aggregationRule')['clusterRoleSelectors'],
      where,
    )
    const clusterRoleSelectors = selectors.map((one, at) => ({
      matchLabels: textMapOf(
        membersOf(one, `${where}[${at}]`)['matchLabels'],
        `${where}[${at}].matchLabels`,
      ),
    }))
    return { rules, aggregationRule: { clusterRoleSelectors } }
  },
})

export const ruleWire = (rule: Rule): Members =>
  Object.fromEntries(
    Object.entries(rule).filter(([, list]: [string, readonly string[]]) => list.length > 0),
  )

function ruleOf(value: Json, where: string): Rule {
  const rule = membersOf(value, where)
  const texts = (name: string): readonly string[] => textsOf(rule[name], `${where}.${name}`)
  const some = (name: string) => (texts(name).length === 0 ? {} : { [name]: texts(name) })
  return {
    verbs: texts('verbs'),
    ...some('apiGroups'),
    ...some('resources'),
    ...some('resourceNames'),
    ...some('nonResourceURLs'),
  }
}

export const bindingForm = (kind: 'ClusterRoleBinding' | 'RoleBinding'): Form<BindingContent> => ({
  apiVersion: RBAC_VERSION,
  kind,
  write: ({ roleRef, subjects }) => ({
    roleRef: { apiGroup: RBAC_GROUP, kind: roleRef.kind, name: roleRef.name },
    ...(subjects.length === 0 ? {} : { subjects: subjects.map(subjectWire) }),
  }),
  read: (object) => {
    const roleRef = membersOf(object['roleRef'], 'roleRef')
    return {
      // What is no such kind is refused by core, with the field's name.
      roleRef: {
        kind: textOf(roleRef['kind'], 'roleRef.kind') as 'ClusterRole' | 'Role',
        name: textOf(roleRef['name'], 'roleRef.name'),
      },
      subjects: listOf(object['subjects'], 'subjects').map((one, at) =>
        subjectOf(one, `subjects[${at}]`),
      ),
    }
  },
})

const subjectWire = ({ kind, name, namespace }: Subject): Members =>
  kind === 'ServiceAccount'
    ? { kind, name, namespace: namespace ?? '' }
    : { apiGroup: RBAC_GROUP, kind, name }

function subjectOf(value: Json, where: string): Subject {
  const subject = membersOf(value, where)
  const namespace = textOf(subject['namespace'], `${where}.namespace`)
  return {
    kind: textOf(subject['kind'], `${where}.kind`) as Subject['kind'],
    name: textOf(subject['name'], `${where}.name`),
    ...(namespace === '' ? {} : { namespace }),
  }
}
