/** What is wrong with the name of an object, as Kubernetes says it. */
import { invalidValue } from '../invalid-value.ts'
import type { FieldProblem } from '../object-error.ts'

const MOST = 253
const DNS_SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/

const FIELD = 'metadata.name'

const invalid = (name: string, why: string): FieldProblem[] => [invalidValue(FIELD, name, why)]

const required = (name: string): FieldProblem[] =>
  name === ''
    ? [
        {
          field: FIELD,
          reason: 'FieldValueRequired',
          message: 'Required value: name or generateName is required',
        },
      ]
    : []

/** Roles and bindings have any name that can be one segment of a path: `system:image-puller`. */
export function pathSegmentProblems(name: string): readonly FieldProblem[] {
  if (name === '') return required(name)
  if (name.length > MOST) return invalid(name, `must be no more than ${MOST} characters`)
  if (name === '.' || name === '..') return invalid(name, `may not be '${name}'`)
  for (const sign of ['/', '%']) {
    if (name.includes(sign)) return invalid(name, `may not contain '${sign}'`)
  }
  if (!name.isWellFormed()) return invalid(name, 'must be well-formed Unicode')
  // oxlint-disable-next-line no-control-regex
  return /[\u0000-\u001f\u007f#]/.test(name)
    ? invalid(name, "may not contain '#' or a control character")
    : []
}

export function subdomainProblems(name: string): readonly FieldProblem[] {
  if (name === '') return required(name)
  return name.length <= MOST && DNS_SUBDOMAIN.test(name)
    ? []
    : invalid(
        name,
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
      )
}
