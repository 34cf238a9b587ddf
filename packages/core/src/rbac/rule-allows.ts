/** Whether one rule allows what is asked, as Kubernetes reads rules. https://kubernetes.io/docs/reference/access-authn-authz/rbac/ */
import type { Attributes, PathAttributes, ResourceAttributes } from './attributes.ts'
import type { Rule } from './rule.ts'

const ALL = '*'

export function ruleAllows(rule: Rule, asked: Attributes): boolean {
  if (!rule.verbs.includes(ALL) && !rule.verbs.includes(asked.verb)) return false
  return 'path' in asked ? allowsPath(rule, asked) : allowsResource(rule, asked)
}

function allowsResource(
  { apiGroups = [], resources = [], resourceNames = [] }: Rule,
  { group, resource, subresource, name }: ResourceAttributes,
): boolean {
  if (!apiGroups.includes(ALL) && !apiGroups.includes(group)) return false
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`
  const named =
    resources.includes(ALL) ||
    resources.includes(whole) ||
    (subresource !== undefined && resources.includes(`${ALL}/${subresource}`))
  if (!named) return false
  return resourceNames.length === 0 || (name !== undefined && resourceNames.includes(name))
}

const allowsPath = ({ nonResourceURLs = [] }: Rule, { path }: PathAttributes): boolean =>
  nonResourceURLs.some((url) =>
    url.endsWith(ALL) ? path.startsWith(url.slice(0, -1)) : url === path,
  )
