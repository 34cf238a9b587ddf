/** Roles and bindings, and the accounts that have them, as the admin API serves them. */
import { RBAC_GROUP } from '@sluice/core/rbac/attributes'
import type { Registry } from '@sluice/core/registry'
import { collectionStore } from './collection-store.ts'
import { AGE, CREATED, NAME } from './columns.ts'
import { EVERY_VERB } from './every-verb.ts'
import { bindingForm, roleForm } from './rbac-forms.ts'
import * as schemas from './resource-schemas.ts'
import type { Column, Resource } from './resource.ts'
import { isMembers, listOf, membersOf, shownText, type WireObject } from './wire-object.ts'

const roleOf = ({ roleRef }: WireObject): string => {
  const { kind, name } = membersOf(roleRef, 'roleRef')
  return `${shownText(kind)}/${shownText(name)}`
}

const subjectsOf = (kind: string): Column => ({
  name: kind === 'ServiceAccount' ? 'ServiceAccounts' : `${kind}s`,
  priority: 1,
  cell: ({ subjects }) =>
    listOf(subjects, 'subjects')
      .filter(isMembers)
      .filter((subject) => subject['kind'] === kind)
      .map(({ name, namespace }) =>
        kind === 'ServiceAccount' ? `${shownText(namespace)}/${shownText(name)}` : shownText(name),
      )
      .join(', '),
})

const BINDING_COLUMNS: readonly Column[] = [
  NAME,
  { name: 'Role', cell: roleOf },
  AGE,
  subjectsOf('User'),
  subjectsOf('Group'),
  subjectsOf('ServiceAccount'),
]

export function rbacResources(registry: Registry): readonly Resource[] {
  const rbac = { group: RBAC_GROUP, version: 'v1', verbs: EVERY_VERB }
  return [
    {
      ...rbac,
      kind: 'ClusterRole',
      plural: 'clusterroles',
      singular: 'clusterrole',
      namespaced: false,
      columns: [NAME, CREATED],
      schema: schemas.CLUSTER_ROLE,
      store: collectionStore(registry.clusterRoles, roleForm('ClusterRole')),
    },
    {
      ...rbac,
      kind: 'ClusterRoleBinding',
      plural: 'clusterrolebindings',
      singular: 'clusterrolebinding',
      namespaced: false,
      columns: BINDING_COLUMNS,
      schema: schemas.CLUSTER_ROLE_BINDING,
      store: collectionStore(registry.clusterRoleBindings, bindingForm('ClusterRoleBinding')),
    },
    {
      ...rbac,
      kind: 'Role',
      plural: 'roles',
      singular: 'role',
      namespaced: true,
      columns: [NAME, CREATED],
      schema: schemas.ROLE,
      store: collectionStore(registry.roles, roleForm('Role')),
    },
    {
      ...rbac,
      kind: 'RoleBinding',
      plural: 'rolebindings',
      singular: 'rolebinding',
      namespaced: true,
      columns: BINDING_COLUMNS,
      schema: schemas.ROLE_BINDING,
      store: collectionStore(registry.roleBindings, bindingForm('RoleBinding')),
    },
    {
      group: '',
      version: 'v1',
      kind: 'ServiceAccount',
      plural: 'serviceaccounts',
      singular: 'serviceaccount',
      shortNames: ['sa'],
      namespaced: true,
      verbs: EVERY_VERB,
      columns: [NAME, { name: 'Secrets', cell: () => '0' }, AGE],
      schema: schemas.SERVICE_ACCOUNT,
      store: collectionStore(registry.serviceAccounts, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        write: () => ({}),
        read: () => ({}),
      }),
    },
  ]
}
