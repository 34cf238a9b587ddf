/** The rules of roles as kubectl writes them in a table. */

export interface Rule {
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

/** Lines with tabs, without a heading. */
export const ruleLines = (rules: readonly Rule[]): readonly string[] =>
  compact(rules).map(
    (rule) => `${shown(rule)}\t${list(rule.urls)}\t${list(rule.names)}\t${list(rule.verbs)}`,
  )

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
