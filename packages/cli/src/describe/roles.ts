/** Roles and bindings, as kubectl describes them, which `oc` leaves it to. */
import type { ApiObject } from '../api-client.ts'
import type { Binding } from '../role-bindings.ts'
import { withSpaces } from '../tab-writer.ts'
import { kubernetesMetadata } from './metadata.ts'
import { ruleLines, type Rule } from './rules.ts'

export function describeRole(role: ApiObject): string {
  return withSpaces([
    ...kubernetesMetadata(role),
    'PolicyRule:',
    '  Resources\tNon-Resource URLs\tResource Names\tVerbs',
    '  ---------\t-----------------\t--------------\t-----',
    ...ruleLines((role['rules'] ?? []) as readonly Rule[]).map((line) => `  ${line}`),
  ])
}

export function describeBinding(binding: ApiObject): string {
  const { roleRef, subjects = [] } = binding as Binding
  return withSpaces([
    ...kubernetesMetadata(binding),
    'Role:',
    `  Kind:\t${roleRef.kind}`,
    `  Name:\t${roleRef.name}`,
    'Subjects:',
    '  Kind\tName\tNamespace',
    '  ----\t----\t---------',
    ...subjects.map(({ kind, name, namespace = '' }) => `  ${kind}\t${name}\t${namespace}`),
  ])
}
