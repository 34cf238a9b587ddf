/** Roles and bindings, as kubectl describes them, which `oc` leaves it to. */
import type { ApiObject } from '../api-client.ts'
import type { Binding } from '../role-bindings.ts'
import { withSpaces } from '../tab-writer.ts'
import { kubernetesMetadata } from './metadata.ts'

interface Rule {
  readonly verbs?: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

/** Of one resource. */
interface Broken {
  readonly group: string
  readonly resource: string
  readonly names: readonly string[]
  readonly urls: readonly string[]
  readonly verbs: string[]
}

export function describeRole(role: ApiObject): string {
  const rules = compact((role['rules'] ?? []) as readonly Rule[])
  return withSpaces([
    ...kubernetesMetadata(role),
    'PolicyRule:',
    '  Resources\tNon-Resource URLs\tResource Names\tVerbs',
    '  ---------\t-----------------\t--------------\t-----',
    ...rules.map(
      (rule) => `  ${shown(rule)}\t${list(rule.urls)}\t${list(rule.names)}\t${list(rule.verbs)}`,
    ),
  ])
}

/** A line for each resource, of however many rules it stands in; in kubectl's order, which is by verbs first. */
function compact(rules: readonly Rule[]): readonly Broken[] {
  const all = new Map<string, Broken>()
  for (const { verbs = [], apiGroups, resources, resourceNames, nonResourceURLs } of rules) {
    const names = resourceNames ?? []
    const each =
      nonResourceURLs === undefined
        ? (apiGroups ?? []).flatMap((group) =>
            (resources ?? []).map((resource) => ({ group, resource, names, urls: [] })),
          )
        : [{ group: '', resource: '', names, urls: nonResourceURLs }]
    for (const one of each) {
      const key = JSON.stringify(one)
      const known = all.get(key) ?? { ...one, verbs: [] }
      known.verbs.push(...verbs.filter((verb) => !known.verbs.includes(verb)))
      all.set(key, known)
    }
  }
  const order = ({ verbs, group, resource, names }: Broken): string =>
    `${list(verbs)},${group},${resource},${list(names)}`
  return [...all.values()].toSorted((one, other) => (order(one) < order(other) ? -1 : 1))
}

/** `imagestreams.image.openshift.io/layers`. */
function shown({ resource, group }: Broken): string {
  const [name = '', ...below] = resource.split('/')
  return [group === '' ? name : `${name}.${group}`, ...below].join('/')
}

const list = (names: readonly string[]): string => `[${names.join(' ')}]`

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
