import { ObjectError } from '@sluice/core/object-error'
import { qualified, type Resource } from './resource.ts'

export const notFound = (resource: Pick<Resource, 'plural' | 'group'>, name: string): ObjectError =>
  new ObjectError('NotFound', `${qualified(resource)} "${name}" not found`)
