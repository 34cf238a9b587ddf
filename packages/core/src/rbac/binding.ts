/** Who has a role: Kubernetes' subjects and role references. */
import type { Rule } from './rule.ts'

export interface Subject {
  readonly kind: 'User' | 'Group' | 'ServiceAccount'
  readonly name: string
  /** Of a service account. */
  readonly namespace?: string
}

export interface RoleRef {
  readonly kind: 'ClusterRole' | 'Role'
  readonly name: string
}

/** What roles and bindings hold besides their metadata. A binding's `roleRef` never changes once it is made. */
export interface RoleContent {
  readonly rules: readonly Rule[]
  /** A ClusterRole that has the rules of all whose labels match one of these. */
  readonly aggregationRule?: {
    readonly clusterRoleSelectors: readonly {
      readonly matchLabels: Readonly<Record<string, string>>
    }[]
  }
}

export interface BindingContent {
  readonly roleRef: RoleRef
  readonly subjects: readonly Subject[]
}
