/** Fields that a kind does not have: a typing error in a rule must not pass for a rule. */
import type { Resource } from './resource.ts'
import { isMembers, type Json, type Members } from './wire-object.ts'

const COMMON = [
  'apiVersion',
  'kind',
  'metadata.name',
  'metadata.generateName',
  'metadata.namespace',
  'metadata.labels.*',
  'metadata.annotations.*',
  'metadata.uid',
  'metadata.resourceVersion',
  'metadata.generation',
  'metadata.creationTimestamp',
  'metadata.deletionTimestamp',
  'metadata.deletionGracePeriodSeconds',
  'metadata.finalizers.*',
  'metadata.managedFields.*',
  'metadata.ownerReferences.*',
  'metadata.selfLink',
]

/** As they stand in the object: `rules[0].verb`. */
export function unknownFields(
  object: Members,
  { fields }: Pick<Resource, 'fields'>,
): readonly string[] {
  const known = [...COMMON, ...fields]
  const unknown: string[] = []
  const look = (value: Json, path: string, shape: string): void => {
    if (known.includes(`${shape}.*`)) return
    if (Array.isArray(value)) {
      for (const [at, one] of (value as readonly Json[]).entries())
        look(one, `${path}[${at}]`, `${shape}[]`)
    } else if (isMembers(value)) {
      for (const [name, one] of Object.entries(value)) {
        const [to, as] = path === '' ? [name, name] : [`${path}.${name}`, `${shape}.${name}`]
        const leads = known.some(
          (field) => field === as || field.startsWith(`${as}.`) || field.startsWith(`${as}[`),
        )
        if (leads) look(one, to, as)
        else unknown.push(to)
      }
    }
  }
  look(object, '', '')
  return unknown
}
