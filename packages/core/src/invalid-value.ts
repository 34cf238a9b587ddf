import type { FieldProblem } from './object-error.ts'

/** As Kubernetes says that a field has a value which it cannot have. */
export const invalidValue = (field: string, value: unknown, why: string): FieldProblem => ({
  field,
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
})
