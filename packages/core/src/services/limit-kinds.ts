/** Limits and quotas as objects of the API. Each is in the record of its project as well, where pushes find it. */
import { limitRangeProblems, resourceQuotaProblems } from '../limits/limit-problems.ts'
import type { LimitRangeContent } from '../limits/limit-range.ts'
import { limitRangeAttribute, resourceQuotaAttribute } from '../limits/project-limits.ts'
import type { ResourceQuotaContent } from '../limits/resource-quota.ts'
import type { Value, Write } from '../ports/table.ts'
import { subdomainProblems } from '../rbac/name-problems.ts'
import { projectKey, randomId } from '../records/keys.ts'
import type { ProjectName } from '../repository-name.ts'
import type { StoredObject } from '../stored-object.ts'
import type { ObjectKind } from './object-kind.ts'

export const limitRangeKind: ObjectKind<LimitRangeContent> = {
  kind: 'LimitRange',
  resource: 'limitranges',
  group: '',
  problems: ({ name, content }) => [...subdomainProblems(name), ...limitRangeProblems(content)],
  also: (namespace, before, after) => [inProject(namespace, limitRangeAttribute, before, after)],
}

export const resourceQuotaKind: ObjectKind<ResourceQuotaContent> = {
  kind: 'ResourceQuota',
  resource: 'resourcequotas',
  group: '',
  problems: ({ name, content }) => [...subdomainProblems(name), ...resourceQuotaProblems(content)],
  also: (namespace, before, after) => [inProject(namespace, resourceQuotaAttribute, before, after)],
}

/** With another turn, so that a push which read the record before makes no repository that the quota would refuse. */
function inProject<Content>(
  namespace: string,
  attribute: (name: string) => string,
  before: StoredObject<Content> | undefined,
  after: StoredObject<Content> | undefined,
): Write {
  const update = projectKey(namespace as ProjectName)
  const turn = randomId()
  if (after) {
    const content = after.content as unknown as Value
    return { update, set: { [attribute(after.meta.name)]: content, turn }, when: 'present' }
  }
  const remove = before ? [attribute(before.meta.name)] : []
  return { update, set: { turn }, remove, when: 'present' }
}
