/** Rules as Kubernetes writes them into a refusal: `{APIGroups:["apps"], Resources:["pods"], Verbs:["get" "list"]}`. */
import type { Rule } from './rule.ts'

/** Sorted; rules that differ in their verbs alone are one. */
export function ruleTexts(rules: readonly Rule[]): readonly string[] {
  const verbsOf = new Map<string, Set<string>>()
  for (const { verbs, ...of } of rules) {
    const what = [
      ...part('APIGroups', of.apiGroups),
      ...part('Resources', of.resources),
      ...part('NonResourceURLs', of.nonResourceURLs),
      ...part('ResourceNames', of.resourceNames),
    ].join(', ')
    const known = verbsOf.get(what) ?? new Set()
    for (const verb of verbs) known.add(verb)
    verbsOf.set(what, known)
  }
  return [...verbsOf]
    .map(([what, verbs]) => `{${[what, ...part('Verbs', [...verbs])].join(', ')}}`)
    .toSorted()
}

function part(name: string, values: readonly string[] = []): string[] {
  const quoted = values.map((value) => JSON.stringify(value))
  return quoted.length === 0 ? [] : [`${name}:[${quoted.join(' ')}]`]
}
