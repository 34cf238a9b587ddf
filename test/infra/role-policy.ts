import { onlyOf, type Graph } from './resource-graph.ts'

interface Statement {
  readonly Effect: string
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
}

/** What a role may do: for each resource, by the end of its ARN, all actions that are allowed on it. */
export function rolePolicy(graph: Graph, role: string): Record<string, readonly string[]> {
  const { inlinePolicies, managedPolicyArns } = onlyOf(graph, 'Role', role).inputs as {
    readonly inlinePolicies: readonly { readonly policy: string }[]
    readonly managedPolicyArns?: readonly string[]
  }
  const allowed: Record<string, readonly string[]> = {}
  for (const { policy } of inlinePolicies) {
    const { Statement } = JSON.parse(policy) as { readonly Statement: readonly Statement[] }
    for (const { Effect, Action, Resource } of Statement) {
      if (Effect !== 'Allow') throw new Error(`${role} has a statement that is no Allow`)
      for (const arn of Resource) {
        const end = arn.split(':').slice(5).join(':') || arn
        allowed[end] = [...(allowed[end] ?? []), ...Action].toSorted()
      }
    }
  }
  if (managedPolicyArns && managedPolicyArns.length > 0) allowed['managed'] = managedPolicyArns
  return allowed
}
