/**
 * Whether whoever has some rules has all that another rule gives: nobody hands on what he has not. Each verb, group,
 * resource and name is looked at by itself, since several rules together may give what no single one does.
 */
import type { Rule } from './rule.ts'

const ALL = '*'

/** The parts of `wanted` that `held` do not give; none where all is held. Each is a rule of one verb and one thing. */
export function uncovered(held: readonly Rule[], wanted: readonly Rule[]): readonly Rule[] {
  return wanted.flatMap(single).filter((one) => !held.some((rule) => covers(rule, one)))
}

function single(rule: Rule): Rule[] {
  const parts: Rule[] = []
  for (const verb of rule.verbs) {
    for (const apiGroup of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        const whole = { verbs: [verb], apiGroups: [apiGroup], resources: [resource] }
        const names = rule.resourceNames ?? []
        if (names.length === 0) parts.push(whole)
        for (const name of names) parts.push({ ...whole, resourceNames: [name] })
      }
    }
    for (const url of rule.nonResourceURLs ?? []) {
      parts.push({ verbs: [verb], nonResourceURLs: [url] })
    }
  }
  return parts
}

function covers(held: Rule, one: Rule): boolean {
  if (!includes(held.verbs, one.verbs[0])) return false
  const [url] = one.nonResourceURLs ?? []
  if (url !== undefined) return (held.nonResourceURLs ?? []).some((of) => coversUrl(of, url))
  const names = held.resourceNames ?? []
  const [name] = one.resourceNames ?? []
  return (
    includes(held.apiGroups, one.apiGroups?.[0]) &&
    coversResource(held.resources ?? [], one.resources?.[0] ?? '') &&
    (names.length === 0 || (name !== undefined && names.includes(name)))
  )
}

const includes = (held: readonly string[] = [], one: string | undefined): boolean =>
  held.includes(ALL) || (one !== undefined && held.includes(one))

function coversResource(held: readonly string[], one: string): boolean {
  const slash = one.indexOf('/')
  return includes(held, one) || (slash > 0 && held.includes(`${ALL}${one.slice(slash)}`))
}

const coversUrl = (held: string, one: string): boolean =>
  held === one || (held.endsWith(ALL) && one.startsWith(held.slice(0, -1)))
