/**
 * What a role allows: Kubernetes' PolicyRule.
 * https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/role-v1/
 */
export interface Rule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[]
  /** `<resource>` or `<resource>/<subresource>`; `*` and `*` + `/<subresource>` stand for many. */
  readonly resources?: readonly string[]
  /** Empty or absent: all names. */
  readonly resourceNames?: readonly string[]
  /** Paths of no resource, in ClusterRoles alone; a last `*` stands for any rest. */
  readonly nonResourceURLs?: readonly string[]
}
