/** An object that a request brings, against the path that it came by. */
import type { ResourceRequest } from './resource-request.ts'
import { apiVersionOf } from './resource.ts'
import { unknownFields } from './unknown-fields.ts'
import { badRequest, membersOf, textOf, type Members } from './wire-object.ts'

export interface CheckedObject {
  readonly metadata: Members
  /** Fields that the kind has not, as the client wants to hear of them (`fieldValidation`). */
  readonly warnings: readonly string[]
}

/** Refuses an object of another kind or namespace than the path's; with `fieldValidation=Strict` one with fields that the kind has not. */
export function checkedObject(
  { resource, path, query }: ResourceRequest,
  object: Members,
): CheckedObject {
  const apiVersion = textOf(object['apiVersion'], 'apiVersion')
  const kind = textOf(object['kind'], 'kind')
  if (
    (apiVersion !== '' && apiVersion !== apiVersionOf(resource)) ||
    (kind !== '' && kind !== resource.kind)
  ) {
    throw badRequest(
      `the object is ${apiVersion} ${kind}, and this path takes ${apiVersionOf(resource)} ${resource.kind}`,
    )
  }
  const metadata = membersOf(object['metadata'], 'metadata')
  const namespace = textOf(metadata['namespace'], 'metadata.namespace')
  if (namespace !== '' && namespace !== path.namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  }
  const unknown = unknownFields(object, resource.schema).map((field) => `unknown field "${field}"`)
  const how = query('fieldValidation') ?? 'Warn'
  if (how === 'Strict' && unknown.length > 0) {
    const subject = `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}`
    throw badRequest(`${subject}: strict decoding error: ${unknown.join(', ')}`)
  }
  return { metadata, warnings: how === 'Ignore' ? [] : unknown }
}
