/** Why somebody may do something, or what would let him. */
import type { RoleRef } from '../rbac/binding.ts'
import type { Rule } from '../rbac/rule.ts'

export type Decision =
  | {
      readonly allowed: true
      /** Its project, absent for a ClusterRoleBinding. */
      readonly binding: { readonly name: string; readonly namespace?: string }
      readonly role: RoleRef
      readonly rule: Rule
      /** Kubernetes' wording: `RBAC: allowed by RoleBinding "x/p" of ClusterRole "y" to User "z"`. */
      readonly reason: string
    }
  | {
      readonly allowed: false
      /** Roles that hold such a rule, weakest first: what an administrator might bind. */
      readonly roles: readonly RoleRef[]
      readonly reason: string
    }
