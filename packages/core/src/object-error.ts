/** The refusals of the admin API, by the names of Kubernetes (`metav1.StatusReason`). */
export type ObjectErrorReason =
  | 'AlreadyExists'
  | 'BadRequest'
  | 'Conflict'
  | 'Expired'
  | 'Forbidden'
  | 'Invalid'
  | 'MethodNotAllowed'
  | 'NotFound'
  | 'RequestEntityTooLarge'
  | 'TooManyRequests'
  | 'Unauthorized'
  | 'UnsupportedMediaType'

/** One thing that is wrong with an object. `field`: `rules[0].verbs`; `reason`: `FieldValueRequired` and so on. */
export interface FieldProblem {
  readonly field: string
  readonly message: string
  readonly reason:
    | 'FieldValueDuplicate'
    | 'FieldValueForbidden'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueRequired'
    | 'FieldValueTooLong'
}

/** `message` is Kubernetes' own wording where it has one; `causes` name the fields. */
export class ObjectError extends Error {
  override readonly name = 'ObjectError'
  readonly reason: ObjectErrorReason
  readonly causes: readonly FieldProblem[]

  constructor(reason: ObjectErrorReason, message: string, causes: readonly FieldProblem[] = []) {
    super(message)
    this.reason = reason
    this.causes = causes
  }
}
