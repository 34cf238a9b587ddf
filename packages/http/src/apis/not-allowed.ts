import { ObjectError } from '@sluice/core/object-error'

export const notAllowed = (): ObjectError =>
  new ObjectError(
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
  )
