/** The rules of a role that is made of others: Kubernetes writes them into it, this registry puts them together when it decides. */
import type { ApiObject } from '../api-client.ts'

interface AggregationRule {
  readonly clusterRoleSelectors?: readonly {
    readonly matchLabels?: Readonly<Record<string, string>>
  }[]
}

/** `all`: the cluster roles that there are. */
export function withAggregatedRules(role: ApiObject, all: readonly ApiObject[]): ApiObject {
  return { ...role, rules: rulesOf(role, all, new Set()) }
}

function rulesOf(
  role: ApiObject,
  all: readonly ApiObject[],
  seen: Set<string>,
): readonly unknown[] {
  if (seen.has(role.metadata.name)) return []
  seen.add(role.metadata.name)
  const { clusterRoleSelectors = [] } = (role['aggregationRule'] ?? {}) as AggregationRule
  const parts = all.filter(({ metadata }) => {
    const labels = (metadata['labels'] ?? {}) as Readonly<Record<string, string>>
    return clusterRoleSelectors.some(({ matchLabels = {} }) =>
      Object.entries(matchLabels).every(([name, value]) => labels[name] === value),
    )
  })
  return [
    ...((role['rules'] ?? []) as readonly unknown[]),
    ...parts.flatMap((part) => rulesOf(part, all, seen)),
  ]
}
