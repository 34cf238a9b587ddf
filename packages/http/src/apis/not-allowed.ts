import { ObjectError } from '@sluice/core/object-error'

/** `plural`: the resource that has the method not, where it is one. */
export const notAllowed = (plural?: string): ObjectError =>
  new ObjectError(
    'MethodNotAllowed',
    `the server does not allow this method on the requested resource${plural === undefined ? '' : ` (${plural})`}`,
  )
