import type { FieldProblem } from './object-error.ts'

/** As Kubernetes says that a field has none of the values which there are for it. */
export const unsupportedValue = (
  field: string,
  value: string,
  supported: readonly string[],
): FieldProblem => ({
  field,
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`,
})
