/** A resource as rules name it, of what somebody asks about: `imagestreams/layers`, `roles.rbac.authorization.k8s.io`. */

export interface ResourceAsked {
  readonly group: string
  readonly resource: string
  readonly subresource: string
}

/** Those of a registry need not be told by their group. */
const GROUPS: readonly (readonly [RegExp, string])[] = [
  [/^(?:image|registry)/, 'image.openshift.io'],
  [/role/, 'rbac.authorization.k8s.io'],
  [/project/, 'project.openshift.io'],
  [/^(?:upstream|webhook|deadletter)/, 'sluice.dev'],
]

export function resourceAsked(text: string, subresource: string | undefined): ResourceAsked {
  const [whole = '', below] = text.split('/')
  const dot = whole.indexOf('.')
  const resource = dot < 0 ? whole : whole.slice(0, dot)
  return {
    resource,
    group:
      dot < 0 ? (GROUPS.find(([names]) => names.test(resource))?.[1] ?? '') : whole.slice(dot + 1),
    subresource: subresource ?? below ?? '',
  }
}
