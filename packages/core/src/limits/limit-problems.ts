/** What is wrong with a LimitRange or a ResourceQuota, field by field, as Kubernetes says it. */
import { invalidValue } from '../invalid-value.ts'
import type { FieldProblem } from '../object-error.ts'
import { unsupportedValue } from '../unsupported-value.ts'
import { LIMITED, STORAGE, type LimitRangeContent, type Quantities } from './limit-range.ts'
import { parseQuantity } from './quantity.ts'
import { STREAMS, type ResourceQuotaContent } from './resource-quota.ts'

export function limitRangeProblems({ limits }: LimitRangeContent): readonly FieldProblem[] {
  const types = limits.map(({ type }) => type)
  return limits.flatMap(({ type, max }, at) => {
    const where = `spec.limits[${at}]`
    const field = `${where}.type`
    const resources = Object.hasOwn(LIMITED, type) ? LIMITED[type]! : undefined
    if (!resources) return [unsupportedValue(field, type, Object.keys(LIMITED))]
    return [
      ...(types.indexOf(type) < at ? [duplicate(field, type)] : []),
      ...quantityProblems(`${where}.max`, max, resources),
    ]
  })
}

/** No limit is better than one that is shown and never kept: what this registry does not count is refused. */
export const resourceQuotaProblems = ({ hard }: ResourceQuotaContent): readonly FieldProblem[] =>
  quantityProblems('spec.hard', hard, [STREAMS])

const quantityProblems = (
  field: string,
  quantities: Quantities,
  resources: readonly string[],
): readonly FieldProblem[] =>
  Object.entries(quantities).flatMap(([resource, text]) => {
    if (!resources.includes(resource)) return [unsupportedValue(field, resource, resources)]
    const why = wrongIn(resource, parseQuantity(text))
    return why === undefined ? [] : [invalidValue(`${field}[${resource}]`, text, why)]
  })

function wrongIn(resource: string, value: number | undefined): string | undefined {
  if (value === undefined) return 'must be a quantity like 1Gi or 30'
  if (value < 0 || value > Number.MAX_SAFE_INTEGER) return 'must be 0 to 9007199254740991'
  // Of bytes Kubernetes takes a fraction, and rounds it up; not of what is counted.
  return resource === STORAGE || Number.isInteger(value) ? undefined : 'must be an integer'
}

const duplicate = (field: string, value: string): FieldProblem => ({
  field,
  reason: 'FieldValueDuplicate',
  message: `Duplicate value: ${JSON.stringify(value)}`,
})
