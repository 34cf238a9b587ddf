/** An upstream as the owner of a registry writes it down, outside of a request: an object of the API. */
import type { ObjectDraft } from '@sluice/core/stored-object'
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'
import { unknownFields } from './unknown-fields.ts'
import { upstreamForm } from './upstream-form.ts'
import { UPSTREAM } from './upstream-schema.ts'
import { badRequest, draftOf, isMembers } from './wire-object.ts'

/** Throws `ObjectError` for what is no upstream, or has a field that none has; its values are for core to check. */
export function upstreamDraft(object: unknown): ObjectDraft<UpstreamSettings> {
  const { apiVersion, kind } = upstreamForm
  if (!isMembers(object) || object['apiVersion'] !== apiVersion || object['kind'] !== kind) {
    throw badRequest(`every object must be an ${kind} of ${apiVersion}`)
  }
  const [unknown] = unknownFields(object, UPSTREAM)
  if (unknown !== undefined) throw badRequest(`unknown field ${unknown}`)
  return draftOf(object, upstreamForm.read(object, undefined))
}
