/** What is wrong with the rules of a role, with Kubernetes' fields and words. */
import { invalidValue } from '../invalid-value.ts'
import type { FieldProblem } from '../object-error.ts'
import type { RoleContent } from './binding.ts'
import type { Rule } from './rule.ts'

/**
 * Each verb on each resource of each group under each name: one by one they are looked at where somebody hands a role on
 * (`rules-cover.ts`), and few lists in one rule multiply to more than any process can hold.
 */
const MAX_GRANTS = 10_000

const required = (field: string, message: string): FieldProblem => ({
  field,
  reason: 'FieldValueRequired',
  message: `Required value: ${message}`,
})

/** `namespaced`: a Role, which reaches no path and has no aggregation. */
export function roleProblems(
  { rules, aggregationRule }: RoleContent,
  namespaced: boolean,
): readonly FieldProblem[] {
  const problems = rules.flatMap((rule, at) => ruleProblems(rule, `rules[${at}]`, namespaced))
  if (rules.reduce((sum, rule) => sum + grantsOf(rule), 0) > MAX_GRANTS) {
    const message = `Too long: verbs, apiGroups, resources and resourceNames multiply to more than ${MAX_GRANTS}; make several roles`
    problems.push({ field: 'rules', reason: 'FieldValueTooLong', message })
  }
  if (aggregationRule && aggregationRule.clusterRoleSelectors.length === 0) {
    const field = 'aggregationRule.clusterRoleSelectors'
    problems.push(
      required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil'),
    )
  }
  return problems
}

const grantsOf = ({
  verbs,
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: Rule): number => {
  const things = apiGroups.length * resources.length * Math.max(1, resourceNames.length)
  return verbs.length * (things + nonResourceURLs.length)
}

function ruleProblems(rule: Rule, field: string, namespaced: boolean): FieldProblem[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  const problems: FieldProblem[] = []
  if (verbs.length === 0)
    problems.push(required(`${field}.verbs`, 'verbs must contain at least one value'))
  if (nonResourceURLs.length > 0) {
    const urls = `${field}.nonResourceURLs`
    if (namespaced) {
      problems.push(
        invalidValue(urls, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'),
      )
    }
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      problems.push(
        invalidValue(
          urls,
          nonResourceURLs,
          'rules cannot apply to both regular resources and non-resource URLs',
        ),
      )
    }
    for (const [at, url] of nonResourceURLs.entries()) {
      if (!/^(?:\*|[^*]*\*?)$/.test(url)) {
        problems.push(invalidValue(`${urls}[${at}]`, url, "'*' stands only at the end"))
      }
    }
    return problems
  }
  if (apiGroups.length === 0) {
    problems.push(
      required(`${field}.apiGroups`, 'resource rules must supply at least one api group'),
    )
  }
  if (resources.length === 0) {
    problems.push(
      required(`${field}.resources`, 'resource rules must supply at least one resource'),
    )
  }
  return problems
}
