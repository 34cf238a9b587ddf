/** What is wrong with a binding, with Kubernetes' fields and words. */
import { invalidValue } from '../invalid-value.ts'
import type { FieldProblem } from '../object-error.ts'
import { unsupportedValue } from '../unsupported-value.ts'
import type { BindingContent, Subject } from './binding.ts'

/** A binding writes a row for each of its subjects, all in one transaction of a hundred writes. */
export const MAX_SUBJECTS = 45

const LONGEST_NAME = 512

const SUBJECT_KINDS: readonly string[] = ['Group', 'ServiceAccount', 'User']

const problem = (field: string, reason: FieldProblem['reason'], message: string): FieldProblem => ({
  field,
  reason,
  message,
})

/** `namespaced`: a RoleBinding, which may name a Role. */
export function bindingProblems(
  { roleRef, subjects }: BindingContent,
  before: BindingContent | undefined,
  namespaced: boolean,
): readonly FieldProblem[] {
  const problems: FieldProblem[] = []
  const kinds = namespaced ? ['ClusterRole', 'Role'] : ['ClusterRole']
  if (!kinds.includes(roleRef.kind)) {
    problems.push(unsupportedValue('roleRef.kind', roleRef.kind, kinds))
  }
  if (roleRef.name === '') {
    problems.push(problem('roleRef.name', 'FieldValueRequired', 'Required value'))
  }
  if (before && (before.roleRef.kind !== roleRef.kind || before.roleRef.name !== roleRef.name)) {
    problems.push(invalidValue('roleRef', roleRef, 'cannot change roleRef'))
  }
  if (subjects.length > MAX_SUBJECTS) {
    const message = `Too many: ${subjects.length}: must have at most ${MAX_SUBJECTS} items; make a second binding`
    problems.push(problem('subjects', 'FieldValueTooLong', message))
  }
  for (const [at, subject] of subjects.entries()) {
    problems.push(...subjectProblems(subject, `subjects[${at}]`))
  }
  return problems
}

function subjectProblems({ kind, name, namespace }: Subject, field: string): FieldProblem[] {
  const problems: FieldProblem[] = []
  if (!SUBJECT_KINDS.includes(kind)) {
    problems.push(unsupportedValue(`${field}.kind`, kind, SUBJECT_KINDS))
  }
  if (name === '') problems.push(problem(`${field}.name`, 'FieldValueRequired', 'Required value'))
  if (name.length > LONGEST_NAME) {
    const message = `Too long: must have at most ${LONGEST_NAME} characters`
    problems.push(problem(`${field}.name`, 'FieldValueTooLong', message))
  }
  for (const [part, text] of Object.entries({ name, namespace })) {
    if (text !== undefined && !text.isWellFormed()) {
      problems.push(invalidValue(`${field}.${part}`, text, 'must be well-formed Unicode'))
    }
  }
  if (namespace !== undefined && namespace.length > LONGEST_NAME) {
    const message = `Too long: must have at most ${LONGEST_NAME} characters`
    problems.push(problem(`${field}.namespace`, 'FieldValueTooLong', message))
  }
  if (kind === 'ServiceAccount' && !namespace) {
    problems.push(problem(`${field}.namespace`, 'FieldValueRequired', 'Required value'))
  }
  return problems
}
