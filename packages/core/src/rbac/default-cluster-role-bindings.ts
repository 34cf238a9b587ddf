/** The ClusterRoleBindings that every registry has; an administrator may change or remove each. */
import type { BindingContent, Subject } from './binding.ts'

export interface DefaultClusterRoleBinding extends BindingContent {
  readonly name: string
}

const group = (name: string): Subject => ({ kind: 'Group', name })

const binding = (name: string, role: string, ...groups: string[]): DefaultClusterRoleBinding => ({
  name,
  roleRef: { kind: 'ClusterRole', name: role },
  subjects: groups.map(group),
})

export const DEFAULT_CLUSTER_ROLE_BINDINGS: readonly DefaultClusterRoleBinding[] = [
  binding('basic-users', 'basic-user', 'system:authenticated'),
  binding('cluster-admins', 'cluster-admin', 'system:cluster-admins', 'system:masters'),
  binding('cluster-readers', 'cluster-reader', 'system:cluster-readers'),
  binding('self-access-reviewers', 'self-access-reviewer', 'system:authenticated'),
  binding('self-provisioners', 'self-provisioner', 'system:authenticated:oauth'),
]
